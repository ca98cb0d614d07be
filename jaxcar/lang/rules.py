"""The reward language as data: its limits, and the names that the resolver and the page go by.

Whatever is not listed here, or in `jaxcar.lang.library`, is refused. Tables named NOT_YET hold what
a later version may accept, tables named NEVER what the language leaves out on purpose; both say
what to write instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jaxcar.lang.library import LIBRARY, Entry
from jaxcar.lang.unsupported import LIBRARY_NEVER, LIBRARY_NOT_YET

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTES_NEVER",
    "ATTRIBUTES_NOT_YET",
    "BUILTINS",
    "BUILTINS_NEVER",
    "BUILTINS_NOT_YET",
    "CONSTRUCTS",
    "DECORATORS",
    "DECORATORS_NOT_YET",
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
        loop_trips: turns of all loops together: each turn is written out, and compiled.
        list_capacity: elements of a list.
        array_elements: elements of an array.
        int_bits: bits of an integer constant, written or computed before run time.
        equations: equations of the traced program.

    Example:
        >>> Limits(list_capacity=64).depth
        60
    """

    source_bytes: int = 200_000
    depth: int = 60
    statements: int = 4_000
    loop_trips: int = 1_024
    list_capacity: int = 256
    array_elements: int = 4_194_304
    int_bits: int = 256
    equations: int = 200_000


class NodeRule(NamedTuple):
    """A construct outside the language.

    Attributes:
        words: what users call it, as the start of a sentence.
        hint: what to write instead.
    """

    words: str
    hint: str


CONSTRUCTS: dict[str, str] = {
    "functions, also inside functions, with default and keyword arguments; `return`": (
        "Module FunctionDef arguments arg Return"
    ),
    "classes with methods, constants and `@staticmethod`; attributes of `self`": "ClassDef",
    "`import` of the libraries below": "Import ImportFrom alias",
    "assignment: `a = b = 0`, `a, b = b, a`, `a += 1`, `x[i] = v`, `a: int = 0`, `:=`": (
        "Assign AnnAssign AugAssign NamedExpr Store Global"
    ),
    "`if` / `elif` / `else`, `a if c else b`": "If IfExp",
    "`for` over ranges, tuples, lists, `enumerate`, `zip`, with `break`, `continue`, `else`": (
        "For Break Continue"
    ),
    "`pass`, docstrings, `assert`, calls as statements": "Pass Expr Assert",
    "`and`, `or`, `not`; comparisons, also chained; `is None`, `in`": (
        "BoolOp And Or Not Compare Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn"
    ),
    "`+ - * / // % **`, `<< >> & | ^ ~`": (
        "BinOp Add Sub Mult Div FloorDiv Mod Pow LShift RShift BitAnd BitOr BitXor"
        " UnaryOp UAdd USub Invert"
    ),
    "calls, attributes, indices, slices, boolean masks": (
        "Call keyword Attribute Subscript Slice Name Load"
    ),
    "booleans, integers, floats, None, tuples, lists, dicts; f-strings for printing": (
        "Constant Tuple List Dict JoinedStr FormattedValue"
    ),
    "list comprehensions and generators over what has a length known before run time": (
        "ListComp GeneratorExp comprehension"
    ),
}
NODES: frozenset[str] = _words(" ".join(CONSTRUCTS.values()))

NOT_YET: dict[str, NodeRule] = {
    "While": NodeRule("a `while` loop", "write `for _ in range(n):` with `break`"),
    "Try": NodeRule("`try`", "test first with `if` what would raise"),
    "Raise": NodeRule("`raise`", "return the value for this case, or use `assert`"),
    "Lambda": NodeRule("a lambda", "write a `def`"),
    "Set": NodeRule("a set", "write a tuple: `x in (1, 2, 3)`"),
    "SetComp": NodeRule("a set comprehension", "write a list comprehension"),
    "DictComp": NodeRule("a dict comprehension", "write the dict out: `{'a': 1, 'b': 2}`"),
    "Starred": NodeRule("unpacking with `*`", "name each value"),
    "Delete": NodeRule("`del`", "assign None, or leave the name alone"),
    "Nonlocal": NodeRule("`nonlocal`", "return the value from the inner function"),
    "With": NodeRule("`with`", "write the statements without it"),
    "MatMult": NodeRule("the operator `@`", "write `np.dot(a, b)`"),
    "Match": NodeRule("`match`", "write `if` and `elif`"),
}

_ASYNC = "a reward is computed at once: write plain statements"
_TYPES = "annotations are ignored: leave it out"
NEVER: dict[str, NodeRule] = {
    "AsyncFunctionDef": NodeRule("`async def`", _ASYNC),
    "AsyncFor": NodeRule("`async for`", _ASYNC),
    "AsyncWith": NodeRule("`async with`", _ASYNC),
    "Await": NodeRule("`await`", _ASYNC),
    "Yield": NodeRule("`yield`", "return a value, or collect values in a list"),
    "YieldFrom": NodeRule("`yield from`", "return a value, or collect values in a list"),
    "TryStar": NodeRule("`except*`", "test first with `if` what would raise"),
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
        "min(...)": "smallest of the arguments, or of one sequence",
        "max(...)": "largest of the arguments, or of one sequence",
        "sum(sequence, start=0)": "sum",
        "pow(x, y)": "x to the power of y",
        "round(x, digits=None)": "rounded, ties to even",
        "len(x)": "length of the first axis, or of a tuple, list or dict",
        "int(x)": "integer, the fraction cut off",
        "float(x)": "float",
        "bool(x)": "truth",
        "str(x)": "text that can be printed, not compared",
        "any(sequence)": "whether any element is true",
        "all(sequence)": "whether all elements are true",
        "range(start, stop, step)": "integers to loop over",
        "enumerate(sequence, start=0)": "pairs of position and element",
        "zip(a, b, ...)": "tuples of elements",
        "reversed(sequence)": "the elements backwards",
        "isinstance(x, type)": "whether x is of a type, known before run time",
        "tuple(sequence)": "tuple",
        "list(sequence)": "list",
        "print(...)": "does nothing",
    }.items()
}

_EXCEPTIONS = _words(
    "Exception BaseException ValueError TypeError KeyError IndexError AttributeError"
    " ZeroDivisionError ArithmeticError OverflowError RuntimeError LookupError NameError OSError"
    " IOError NotImplementedError NotImplemented AssertionError StopIteration FloatingPointError"
    " FileNotFoundError ImportError ModuleNotFoundError MemoryError RecursionError EOFError"
    " UnboundLocalError SystemExit KeyboardInterrupt Warning UserWarning RuntimeWarning"
    " DeprecationWarning"
)
BUILTINS_NOT_YET: dict[str, str] = {
    "divmod": "write x // y and x % y",
    "sorted": "use min and max",
    "map": "write a list comprehension",
    "filter": "write a list comprehension with `if`",
    "set": "write a tuple, or a list",
    "frozenset": "write a tuple",
    "dict": "write the dict out: {'a': 1}",
    "format": "write an f-string",
    "repr": "write an f-string",
    "iter": "loop with `for`",
    "next": "loop with `for` and `break`",
    "slice": "write the slice in brackets: x[a:b]",
    "chr": "leave text out",
    "ord": "leave text out",
    "bin": "leave text out",
    "hex": "leave text out",
    "callable": "call the function",
    "hasattr": "set the attribute in `__init__` or `reset`, and test `is None`",
    "issubclass": "leave classes out",
    "property": "write a method and call it",
    "classmethod": "write a @staticmethod",
    "staticmethod": "use it as a decorator",
    "object": "use None",
    **dict.fromkeys(sorted(_EXCEPTIONS), "test first with `if` what would raise"),
}

_RUNS_TEXT = "a program's text is never executed"
_INSPECTS = "name the attribute itself: obj.name"
_OUTSIDE = "a reward gets all it needs as arguments"
BUILTINS_NEVER: dict[str, str] = {
    **dict.fromkeys(("exec", "eval", "compile", "__import__", "breakpoint"), _RUNS_TEXT),
    **dict.fromkeys(("open", "input", "help", "exit", "quit", "copyright", "credits"), _OUTSIDE),
    **dict.fromkeys(("getattr", "setattr", "delattr", "vars", "dir"), _INSPECTS),
    **dict.fromkeys(("globals", "locals"), "pass values as arguments"),
    **dict.fromkeys(("id", "hash"), "compare values with =="),
    **dict.fromkeys(("bytes", "bytearray", "memoryview", "ascii"), "use arrays of np.uint8"),
    **dict.fromkeys(("aiter", "anext"), "loop with `for`"),
    "complex": "the language has booleans, integers and floats only",
    "oct": "leave text out",
    "type": "use isinstance",
    "super": "write one class without a base",
}

METHODS: dict[str, dict[str, str]] = {
    "array": {
        "any": "any(axis=None)",
        "all": "all(axis=None)",
        "sum": "sum(axis=None)",
        "mean": "mean(axis=None)",
        "std": "std(axis=None)",
        "var": "var(axis=None)",
        "min": "min(axis=None)",
        "max": "max(axis=None)",
        "prod": "prod(axis=None)",
        "argmin": "argmin(axis=None)",
        "argmax": "argmax(axis=None)",
        "astype": "astype(dtype)",
        "copy": "copy()",
        "reshape": "reshape(shape)",
        "ravel": "ravel()",
        "flatten": "flatten()",
        "nonzero": "nonzero()",
        "item": "item()",
        "clip": "clip(low, high)",
        "round": "round(decimals=0)",
        "transpose": "transpose()",
        "dot": "dot(other)",
    },
    "list": {"append": "append(x), up to a fixed capacity", "copy": "copy()"},
    "tuple": {},
    "dict": {
        "get": "get(key, default=None)",
        "keys": "keys()",
        "values": "values()",
        "items": "items()",
    },
}
_LISTS = "build the list anew with a comprehension"
METHODS_NOT_YET: dict[str, str] = {
    **dict.fromkeys(("pop", "extend", "insert", "remove", "clear", "sort", "reverse"), _LISTS),
    **dict.fromkeys(("index", "count"), "loop with `for` and compare"),
    **dict.fromkeys(("update", "setdefault", "popitem"), "assign each key: d['a'] = 1"),
    **dict.fromkeys(("add", "discard", "union", "intersection", "difference"), "use a list"),
    **dict.fromkeys(("appendleft", "popleft", "rotate"), "keep the last values in attributes"),
    "tolist": "index the array itself",
    "fill": "assign to a slice: x[:] = value",
    "squeeze": "index the axis: x[0], or write x.reshape(shape)",
    "cumsum": "add up in a `for` loop",
    "ptp": "write x.max() - x.min()",
    **dict.fromkeys(
        ("argsort", "argpartition", "partition", "searchsorted", "cumprod", "diagonal", "trace"),
        "use min, max, argmin and argmax",
    ),
    **dict.fromkeys(("swapaxes", "repeat", "take", "view", "resize", "conj"), "use x.reshape"),
    **dict.fromkeys(
        (
            *("format", "join", "split", "strip", "lower", "upper", "startswith", "endswith"),
            *("replace", "rstrip", "lstrip", "title", "capitalize", "rsplit", "find"),
        ),
        "text is for printing only: compare the values themselves",
    ),
}
MUTATING_METHODS: frozenset[str] = _words(
    "append extend insert pop remove clear sort reverse update setdefault popitem add discard"
    " appendleft popleft rotate fill resize"
)

ATTRIBUTES: dict[str, dict[str, str]] = {
    "array": {
        "shape": "tuple of the lengths of the axes",
        "size": "number of elements",
        "ndim": "number of axes",
        "dtype": "type of the elements",
        "T": "the axes reversed",
    }
}
ATTRIBUTES_NOT_YET: dict[str, str] = {
    "flat": "write x.ravel()",
    "itemsize": "leave it out",
    "nbytes": "leave it out",
    "name": "compare the dtype itself: x.dtype == np.uint8",
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
        "scipy.spatial.distance",
        "logging",
        "jaxcar.vision.host",
    }
)

DECORATORS: frozenset[str] = frozenset({"staticmethod"})
DECORATORS_NOT_YET: dict[str, str] = {
    "property": "write a method and call it",
    "classmethod": "write a @staticmethod",
    "dataclasses.dataclass": "write a class with `__init__`",
    "functools.lru_cache": "leave it out",
    "functools.cache": "leave it out",
    "functools.wraps": "leave it out",
    "typing.overload": "leave it out",
    "typing.no_type_check": "leave it out",
}
SPECIAL_METHODS: frozenset[str] = frozenset({"__init__", "__call__"})
