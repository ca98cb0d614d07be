"""Names of the standard library beside `math`: what makes values, records, kinds and functions."""

from __future__ import annotations

from jaxcar.lang.library import Entry

_FUNCTIONS = {
    "collections.deque(items=(), maxlen=None)": "list open at both ends; the oldest fall out",
    "collections.namedtuple(name, fields, defaults=())": "class of tuples; all names are literals",
    "collections.defaultdict(function, items={})": "dict that makes missing values",
    "collections.Counter(items=())": "dict that counts",
    "collections.OrderedDict(items={})": "dict",
    "dataclasses.field(default, default_factory, init, compare, kw_only)": "field of a dataclass",
    "dataclasses.replace(x, **fields)": "copy with other fields",
    "dataclasses.asdict(x)": "dict of the fields",
    "dataclasses.astuple(x)": "tuple of the fields",
    "functools.reduce(function, sequence, start)": "function applied from left to right",
    "functools.partial(function, *arguments, **keywords)": "function with arguments filled in",
    "enum.auto()": "next value, in the body of an enum",
}
_TYPES = {
    "enum.Enum": "base class of enums",
    "enum.IntEnum": "base class of enums whose members are integers",
    "typing.NamedTuple": "base class of tuples with names",
    "abc.ABC": "base class of classes with abstract methods",
}
_INERT = {
    "dataclasses.dataclass": "decorator of a class with fields",
    "abc.abstractmethod": "decorator of a method that derived classes have to define",
    "functools.lru_cache": "decorator that does nothing here",
    "functools.cache": "decorator that does nothing here",
    "numpy.errstate": "only as `with np.errstate(...):`, which does nothing here",
    "numpy.seterr": "only as a statement, which does nothing here",
    "warnings.catch_warnings": "only as `with warnings.catch_warnings():`, which does nothing here",
    "warnings.filterwarnings": "does nothing",
    "warnings.simplefilter": "does nothing",
    "warnings.warn": "does nothing",
}

STANDARD: dict[str, Entry] = {
    **{
        call.partition("(")[0]: Entry(call.partition(".")[2], doc, "function")
        for call, doc in _FUNCTIONS.items()
    },
    **{path: Entry(path.rpartition(".")[2], doc, "type") for path, doc in _TYPES.items()},
    **{path: Entry(path.rpartition(".")[2], doc, "inert") for path, doc in _INERT.items()},
}

# What `raise` and `except` may name: builtins by their name, others by their dotted path.
EXCEPTIONS: frozenset[str] = frozenset(
    {
        *("ArithmeticError", "ZeroDivisionError", "OverflowError", "FloatingPointError"),
        *("LookupError", "IndexError", "KeyError", "ValueError", "TypeError", "AttributeError"),
        *("NameError", "UnboundLocalError", "AssertionError", "RuntimeError"),
        *("NotImplementedError", "StopIteration", "Exception", "BaseException"),
        *("cv2.error", "numpy.linalg.LinAlgError"),
    }
)

# Names with one place each, and what to write where they stand elsewhere.
PLACES: dict[str, str] = {
    "enum.Enum": "derive a class from it: class Phase(Enum): A = 0",
    "enum.IntEnum": "derive a class from it: class Phase(IntEnum): A = 0",
    "typing.NamedTuple": "derive a class from it: class P(NamedTuple): x: float",
    "abc.ABC": "derive a class from it: class Base(ABC)",
    "abc.abstractmethod": "write it above a method: @abstractmethod",
    "dataclasses.dataclass": "write it above a class: @dataclass",
    "functools.lru_cache": "write it above a function, or leave it out",
    "functools.cache": "write it above a function, or leave it out",
    "numpy.errstate": "write `with np.errstate(all='ignore'):`, or leave it out",
    "numpy.seterr": 'write it as a statement, with "ignore", or leave it out',
    "warnings.catch_warnings": "write `with warnings.catch_warnings():`, or leave it out",
    "dataclasses.field": "write it in the body of a dataclass: x: list = field(...)",
    "enum.auto": "write it in the body of an enum: A = auto()",
}
