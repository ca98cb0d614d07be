"""The reward language as data: its limits, and the names that the resolver and the page go by.

Whatever is not listed here, or in `jaxcar.lang.library`, is refused. Tables named NOT_YET hold what
a later version may accept, tables named NEVER what the language leaves out on purpose; both say
what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jaxcar.lang import vision_names
from jaxcar.lang.library import LIBRARY as _LIBRARIES
from jaxcar.lang.library import Entry
from jaxcar.lang.standard import EXCEPTIONS, PLACES, STANDARD
from jaxcar.lang.unsupported import LIBRARY_NEVER
from jaxcar.lang.unsupported import LIBRARY_NOT_YET as _LIBRARIES_NOT_YET

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTES_NEVER",
    "ATTRIBUTES_NOT_YET",
    "BASES",
    "BUILTINS",
    "BUILTINS_NEVER",
    "BUILTINS_NOT_YET",
    "CACHES",
    "CONSTRUCTS",
    "DECORATORS",
    "DECORATORS_NOT_YET",
    "EXCEPTIONS",
    "IMPORTS",
    "LIBRARY",
    "LIBRARY_NEVER",
    "LIBRARY_NOT_YET",
    "METHODS",
    "METHODS_NOT_YET",
    "MUTATING_METHODS",
    "NEVER",
    "NODES",
    "NOT_YET",
    "PLACES",
    "RECORD_KEYWORDS",
    "SPECIAL_METHODS",
    "Entry",
    "Limits",
    "NodeRule",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Limits:
    """Bounds on a program, so that hostile or runaway text is refused in under a second.

    Args:
        source_bytes: length of the text in UTF-8.
        depth: nesting of the syntax tree, statements and expressions together.
        statements: statements in the program.
        loop_trips: turns of all loops that are written out, together: each turn is compiled.
        written_out: size of one loop that is written out, in nodes; a longer one is traced once.
        while_turns: turns of a `while` loop at run time; more are a limit fault.
        turns: turns of all loops together, in one step, that are not written out; likewise.
        list_capacity: elements of a list, set or dict.
        contours: contours of a picture, or its connected components besides the background; more
            are a limit fault.
        contour_points: points of a contour; likewise.
        memory_bytes: bytes that a program remembers in each environment.
        array_elements: elements of an array.
        int_bits: bits of an integer constant, written or computed before run time.
        equations: equations of the traced program, and syntax nodes of a function with every call
            written out.

    Example:
        >>> Limits(list_capacity=64).depth
        60
    """

    source_bytes: int = 200_000
    depth: int = 60
    statements: int = 4_000
    loop_trips: int = 1_024
    written_out: int = 4_000
    while_turns: int = 10_000
    turns: int = 1_000_000
    list_capacity: int = 256
    contours: int = 32
    contour_points: int = 256
    memory_bytes: int = 1_048_576
    array_elements: int = 4_194_304
    int_bits: int = 256
    equations: int = 12_000


class NodeRule(NamedTuple):
    """A construct outside the language.

    Attributes:
        words: what users call it, as the start of a sentence.
        hint: what to write instead.
    """

    words: str
    hint: str


CONSTRUCTS: dict[str, str] = {
    "functions, also inside functions, with defaults, `*args`, `/` and `*`; lambdas; functions as"
    " values; `return`": "Module FunctionDef Lambda arguments arg Return",
    "generator functions: `yield` and `yield from` as statements, in loops and branches": (
        "Yield YieldFrom"
    ),
    "classes with methods, constants, `@property`, `@classmethod`, `@staticmethod`; objects of"
    " them; one base class of the program or `ABC`, `super()`; `@dataclass`, `NamedTuple`,"
    " `namedtuple`, `Enum`": "ClassDef",
    "`import` of the libraries below": "Import ImportFrom alias",
    "assignment: `a = b = 0`, `a, *b = b`, `a += 1`, `x[i] = v`, `x.a = v`, `a: int = 0`, `:=`;"
    " `del`, `nonlocal`": ("Assign AnnAssign AugAssign NamedExpr Store Global Nonlocal Delete Del"),
    "`if` / `elif` / `else`, `a if c else b`; `match` with literals, `|`, names and `_`": (
        "If IfExp Match match_case MatchValue MatchSingleton MatchOr MatchAs"
    ),
    "`for` and `while`, with `break`, `continue`, `else`": "For While Break Continue",
    "`try` / `except` / `else` / `finally`, `raise`, of builtin exceptions; `assert`": (
        "Try ExceptHandler Raise Assert"
    ),
    "`pass`, docstrings, calls as statements; `with np.errstate(...)`, which does nothing": (
        "Pass Expr withitem"
    ),
    "`and`, `or`, `not`; comparisons, also chained; `is None`, `in`": (
        "BoolOp And Or Not Compare Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn"
    ),
    "`+ - * / // % ** @`, `<< >> & | ^ ~`": (
        "BinOp Add Sub Mult Div FloorDiv Mod Pow MatMult LShift RShift BitAnd BitOr BitXor"
        " UnaryOp UAdd USub Invert"
    ),
    "calls, also with `*` and `**`; attributes, indices, slices, `...`, boolean masks": (
        "Call keyword Starred Attribute Subscript Slice Name Load"
    ),
    "booleans, integers, floats, None, tuples, lists, sets, dicts; text and f-strings for printing"
    " and as keys": "Constant Tuple List Set Dict JoinedStr FormattedValue",
    "comprehensions and generators, also over what has a run-time length": (
        "ListComp SetComp DictComp GeneratorExp comprehension"
    ),
}
NODES: frozenset[str] = _words(" ".join(CONSTRUCTS.values()))

NOT_YET: dict[str, NodeRule] = {
    "With": NodeRule("this form of `with`", "write the statements without it"),
    "MatchSequence": NodeRule("a sequence in a pattern", "compare the elements with `if`"),
    "MatchStar": NodeRule("`*` in a pattern", "compare the elements with `if`"),
    "MatchMapping": NodeRule("a dict in a pattern", "compare the values with `if`"),
    "MatchClass": NodeRule("a class in a pattern", "use `isinstance` and `if`"),
}

_ASYNC = "a reward is computed at once: write plain statements"
_TYPES = "annotations are ignored: leave it out"
NEVER: dict[str, NodeRule] = {
    "AsyncFunctionDef": NodeRule("`async def`", _ASYNC),
    "AsyncFor": NodeRule("`async for`", _ASYNC),
    "AsyncWith": NodeRule("`async with`", _ASYNC),
    "Await": NodeRule("`await`", _ASYNC),
    "TryStar": NodeRule("`except*`", "write `except`"),
    "TypeAlias": NodeRule("a `type` statement", _TYPES),
    "TypeVar": NodeRule("a type parameter", _TYPES),
    "ParamSpec": NodeRule("a type parameter", _TYPES),
    "TypeVarTuple": NodeRule("a type parameter", _TYPES),
    "TemplateStr": NodeRule("a template string", "write an f-string"),
    "Interpolation": NodeRule("a template string", "write an f-string"),
}

BUILTINS: dict[str, Entry] = {
    signature.partition("(")[0]: Entry(signature, doc, "function")
    for signature, doc in {
        "abs(x)": "absolute value",
        "min(..., key=None, default)": "smallest of the arguments, or of one sequence",
        "max(..., key=None, default)": "largest of the arguments, or of one sequence",
        "sum(sequence, start=0)": "sum",
        "pow(x, y)": "x to the power of y",
        "divmod(x, y)": "x // y and x % y",
        "round(x, digits=None)": "rounded, ties to even",
        "len(x)": "length of the first axis, or of a tuple, list, set or dict",
        "int(x)": "integer, the fraction cut off",
        "float(x)": "float",
        "bool(x)": "truth",
        "str(x)": "text that can be printed, not compared",
        "repr(x)": "text that can be printed, not compared",
        "format(x, form)": "text that can be printed, not compared",
        "any(sequence)": "whether any element is true",
        "all(sequence)": "whether all elements are true",
        "range(start, stop, step)": "integers to loop over",
        "enumerate(sequence, start=0)": "pairs of position and element",
        "zip(a, b, ...)": "tuples of elements",
        "reversed(sequence)": "the elements backwards",
        "sorted(sequence, key=None, reverse=False)": "list in ascending order",
        "map(function, ...)": "results of a function of each element",
        "filter(function, sequence)": "elements for which a function is true",
        "iter(sequence)": "iterator, to give to `next`",
        "next(iterator, default)": "next element, or the default after the last",
        "isinstance(x, type)": "whether x is of a type, known before run time",
        "hasattr(x, name)": "whether x has an attribute, known before run time",
        "getattr(x, name, default)": "attribute; the name is a literal",
        "callable(x)": "whether x can be called, known before run time",
        "slice(start, stop, step)": "slice, to use as an index",
        "tuple(sequence)": "tuple",
        "list(sequence)": "list",
        "set(sequence)": "set",
        "frozenset(sequence)": "set that does not change",
        "dict(pairs, **entries)": "dict",
        "super()": "methods of the base class, in a method: super().method(...)",
        "NotImplemented": "what a special method returns of operands that it does not know",
        "print(...)": "does nothing",
    }.items()
}

_OTHER_EXCEPTIONS = _words(
    "OSError IOError FileNotFoundError ImportError ModuleNotFoundError MemoryError"
    " RecursionError EOFError SystemExit KeyboardInterrupt Warning UserWarning RuntimeWarning"
    " DeprecationWarning FutureWarning"
)
BUILTINS_NOT_YET: dict[str, str] = {
    "chr": "leave text out",
    "ord": "leave text out",
    "bin": "leave text out",
    "hex": "leave text out",
    "issubclass": "leave classes out",
    "property": "use it as a decorator",
    "classmethod": "use it as a decorator",
    "staticmethod": "use it as a decorator",
    "object": "use None",
    **dict.fromkeys(
        (name for name in sorted(EXCEPTIONS) if "." not in name),
        "name it in `raise` and `except` only",
    ),
    **dict.fromkeys(sorted(_OTHER_EXCEPTIONS), "name another, such as ValueError or Exception"),
}

_RUNS_TEXT = "write the code itself: text is never executed"
_INSPECTS = "name the attribute itself: obj.name"
_OUTSIDE = "leave it out: a reward gets all it needs as arguments"
BUILTINS_NEVER: dict[str, str] = {
    **dict.fromkeys(("exec", "eval", "compile", "__import__", "breakpoint"), _RUNS_TEXT),
    **dict.fromkeys(("open", "input", "help", "exit", "quit", "copyright", "credits"), _OUTSIDE),
    **dict.fromkeys(("setattr", "delattr", "vars", "dir"), _INSPECTS),
    **dict.fromkeys(("globals", "locals"), "pass values as arguments"),
    **dict.fromkeys(("id", "hash"), "compare values with =="),
    **dict.fromkeys(("bytes", "bytearray", "memoryview", "ascii"), "use arrays of np.uint8"),
    **dict.fromkeys(("aiter", "anext"), "loop with `for`"),
    "complex": "the language has booleans, integers and floats only",
    "oct": "leave text out",
    "type": "use isinstance",
}

METHODS: dict[str, dict[str, str]] = {
    "array": {
        "any": "any(axis=None)",
        "all": "all(axis=None)",
        "sum": "sum(axis=None, dtype=None, keepdims=False)",
        "mean": "mean(axis=None, dtype=None, keepdims=False)",
        "std": "std(axis=None, ddof=0, keepdims=False)",
        "var": "var(axis=None, ddof=0, keepdims=False)",
        "min": "min(axis=None, keepdims=False)",
        "max": "max(axis=None, keepdims=False)",
        "prod": "prod(axis=None, dtype=None, keepdims=False)",
        "argmin": "argmin(axis=None)",
        "argmax": "argmax(axis=None)",
        "cumsum": "cumsum(axis=None)",
        "cumprod": "cumprod(axis=None)",
        "sort": "sort(axis=-1), in place",
        "argsort": "argsort(axis=-1, kind=None)",
        "astype": "astype(dtype)",
        "copy": "copy()",
        "fill": "fill(number), in place",
        "reshape": "reshape(shape)",
        "ravel": "ravel()",
        "flatten": "flatten()",
        "squeeze": "squeeze(axis=None)",
        "transpose": "transpose()",
        "swapaxes": "swapaxes(axis1, axis2)",
        "repeat": "repeat(repeats, axis=None)",
        "diagonal": "diagonal(offset=0)",
        "trace": "trace(offset=0)",
        "take": "take(indices, axis=None)",
        "compress": "compress(condition)",
        "searchsorted": "searchsorted(values, side='left')",
        "nonzero": "nonzero()",
        "item": "item()",
        "tolist": "tolist()",
        "clip": "clip(low, high)",
        "round": "round(decimals=0)",
        "dot": "dot(other)",
        "conj": "conj()",
        "conjugate": "conjugate()",
    },
    "number": {
        "bit_length": "bit_length(), of an int",
        "is_integer": "is_integer(), of a float",
    },
    "list": {
        "append": "append(x), up to a fixed capacity",
        "extend": "extend(sequence)",
        "insert": "insert(position, x)",
        "pop": "pop(position=-1)",
        "remove": "remove(x)",
        "clear": "clear()",
        "sort": "sort(key=None, reverse=False)",
        "reverse": "reverse()",
        "index": "index(x)",
        "count": "count(x)",
        "copy": "copy()",
    },
    "tuple": {"index": "index(x)", "count": "count(x)"},
    "dict": {
        "get": "get(key, default=None)",
        "keys": "keys()",
        "values": "values()",
        "items": "items()",
        "fromkeys": "dict.fromkeys(keys, value=None)",
        "update": "update(other)",
        "setdefault": "setdefault(key, default=None)",
        "pop": "pop(key, default)",
        "clear": "clear()",
        "copy": "copy()",
    },
    "counter": {
        "most_common": "most_common(n=None)",
        "subtract": "subtract(other)",
        "total": "total()",
    },
    "set": {
        "add": "add(x)",
        "discard": "discard(x)",
        "remove": "remove(x)",
        "clear": "clear()",
        "update": "update(other)",
        "union": "union(other)",
        "intersection": "intersection(other)",
        "difference": "difference(other)",
        "symmetric_difference": "symmetric_difference(other)",
        "issubset": "issubset(other)",
        "issuperset": "issuperset(other)",
        "isdisjoint": "isdisjoint(other)",
        "copy": "copy()",
    },
    "deque": {
        "append": "append(x)",
        "appendleft": "appendleft(x)",
        "pop": "pop()",
        "popleft": "popleft()",
        "extend": "extend(sequence)",
        "extendleft": "extendleft(sequence)",
        "clear": "clear()",
        "rotate": "rotate(n=1)",
        "index": "index(x)",
        "count": "count(x)",
        "insert": "insert(index, x)",
        "remove": "remove(x)",
        "reverse": "reverse()",
        "copy": "copy()",
    },
    "text": {
        "lower": "lower()",
        "upper": "upper()",
        "title": "title()",
        "strip": "strip()",
        "split": "split(separator)",
        "join": "join(texts)",
        "replace": "replace(old, new)",
        "startswith": "startswith(text)",
        "endswith": "endswith(text)",
        "format": "format(...), for printing",
    },
    "namedtuple": {"_replace": "_replace(**fields)", "_asdict": "_asdict()"},
}
METHODS_NOT_YET: dict[str, str] = {
    "popitem": "name the key: d.pop(key)",
    "_make": "call the class: P(*values)",
    "elements": "go through the entries: for x, n in c.items()",
    **dict.fromkeys(
        ("intersection_update", "difference_update", "symmetric_difference_update"),
        "write s = s & t, s - t or s ^ t",
    ),
    "ptp": "NumPy 2 has removed it: write np.ptp(x)",
    **dict.fromkeys(("argpartition", "partition"), "use sort or argsort"),
    **dict.fromkeys(("view", "resize"), "use x.reshape, or x.astype"),
    **dict.fromkeys(
        (
            *("rstrip", "lstrip", "capitalize", "rsplit", "find", "isdigit", "zfill", "ljust"),
            *("rjust", "center", "splitlines"),
        ),
        "text is for printing only: compare the values themselves",
    ),
}
MUTATING_METHODS: frozenset[str] = _words(
    "append extend insert pop remove clear sort reverse update setdefault popitem add discard"
    " appendleft popleft rotate fill resize extendleft intersection_update"
    " difference_update symmetric_difference_update"
)

ATTRIBUTES: dict[str, dict[str, str]] = {
    "array": {
        "shape": "tuple of the lengths of the axes",
        "size": "number of elements",
        "ndim": "number of axes",
        "dtype": "type of the elements",
        "T": "the axes reversed",
    },
    "deque": {"maxlen": "largest length, or None"},
    "blob": vision_names.ATTRIBUTES,
    "namedtuple": {"_fields": "names of the fields"},
    "slice": dict.fromkeys(("start", "stop", "step"), "as it was made"),
    "range": dict.fromkeys(("start", "stop", "step"), "as it was made; 0 and 1 where left out"),
    "enum": {"name": "name of the member", "value": "value of the member"},
}
ATTRIBUTES_NOT_YET: dict[str, str] = {
    "flat": "write x.ravel()",
    "itemsize": "leave it out",
    "nbytes": "leave it out",
    "kind": "compare the dtype itself: x.dtype == np.uint8",
}
ATTRIBUTES_NEVER: dict[str, str] = {
    "real": "the language has no complex numbers",
    "imag": "the language has no complex numbers",
    "base": "read the array itself",
    "ctypes": "read the array itself",
    "data": "read the array itself",
    "strides": "read the array itself",
    "flags": "read the array itself",
    "tofile": "a reward may not write files",
    "tobytes": "read the array itself",
    "dump": "a reward may not write files",
    "tostring": "read the array itself",
    # Of torch's tensors, which models take arrays for.
    **dict.fromkeys(("cpu", "detach", "numpy"), "leave it out: it is an array already"),
    "clamp": "write np.clip(x, low, high)",
    "float": "write x.astype(np.float32)",
    "int": "write x.astype(int)",
    "long": "write x.astype(np.int64)",
    "permute": "write np.transpose(x, axes)",
    "unsqueeze": "write x[None], or x[:, None]",
}

IMPORTS: frozenset[str] = frozenset(
    {
        "numpy",
        "numpy.linalg",
        "numpy.typing",
        "cv2",
        "math",
        "typing",
        "typing_extensions",
        "dataclasses",
        "collections",
        "collections.abc",
        "functools",
        "itertools",
        "enum",
        "warnings",
        "scipy.spatial.distance",
        "abc",
        "logging",
        "jaxcar.vision.host",
    }
)

LIBRARY: dict[str, Entry] = {**_LIBRARIES, **STANDARD}
LIBRARY_NOT_YET: dict[str, str] = {
    **{path: hint for path, hint in _LIBRARIES_NOT_YET.items() if path not in LIBRARY},
    **dict.fromkeys(
        ("enum.Flag", "enum.IntFlag", "enum.StrEnum", "enum.unique"), "use Enum or IntEnum"
    ),
    "dataclasses.InitVar": "make it a field",
    "dataclasses.KW_ONLY": "write @dataclass(kw_only=True)",
    "warnings.resetwarnings": "leave it out",
    "abc.ABCMeta": "derive the class from ABC: class Base(ABC)",
    "abc.abstractproperty": "write @property above @abstractmethod",
    "abc.abstractclassmethod": "write @classmethod above @abstractmethod",
    "abc.abstractstaticmethod": "write @staticmethod above @abstractmethod",
}

# What a class may be derived from, beside `object` and one class of the program.
BASES: frozenset[str] = _words("typing.NamedTuple enum.Enum enum.IntEnum abc.ABC")
# Of methods; `functools.lru_cache` and `cache` may stand above any function, and do nothing.
DECORATORS: frozenset[str] = _words("staticmethod classmethod property")
CACHES: frozenset[str] = _words("functools.lru_cache functools.cache")
RECORD_KEYWORDS: frozenset[str] = _words("frozen eq order slots kw_only init repr")
DECORATORS_NOT_YET: dict[str, str] = {
    "functools.cached_property": "write @property",
    "functools.wraps": "leave it out",
    "functools.total_ordering": "leave it out",
    "typing.overload": "leave it out",
    "typing.override": "leave it out",
    "typing.final": "leave it out",
    "typing.no_type_check": "leave it out",
    "enum.unique": "leave it out",
}
_OPERATORS = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"
ORDER_METHODS: frozenset[str] = _words("__lt__ __le__ __gt__ __ge__")
# Of binary and unary operators: those that tuples with names may define as well.
OPERATOR_METHODS: frozenset[str] = frozenset(
    {
        *(f"__{side}{name}__" for name in _OPERATORS.split() for side in ("", "r", "i")),
        *_words("__neg__ __pos__ __invert__ __abs__"),
    }
)
SPECIAL_METHODS: frozenset[str] = frozenset(
    {
        *_words("__init__ __post_init__ __call__ __len__ __bool__ __repr__ __str__"),
        *_words("__contains__ __getitem__ __setitem__ __iter__ __eq__ __ne__"),
        *ORDER_METHODS,
        *OPERATOR_METHODS,
    }
)
