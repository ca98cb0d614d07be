"""The library names that a program may use, by the dotted path that CPython would find them at."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Entry(NamedTuple):
    """One name of a library.

    Attributes:
        signature: how it is called, or the name alone for a constant or type.
        doc: what it is, in one line.
        kind: a "function" is called, a "constant" is a value, a "type" is called to convert or
            named as a dtype, "inert" calls do nothing, "typing" names stand in annotations only.
    """

    signature: str
    doc: str
    kind: Literal["function", "constant", "type", "inert", "typing"]


def _functions(root: str, table: dict[str, str]) -> dict[str, Entry]:
    """Return entries from "name(arguments)" -> doc."""
    return {
        f"{root}.{signature.partition('(')[0]}": Entry(signature, doc, "function")
        for signature, doc in table.items()
    }


def _elementwise(root: str, arguments: str, table: dict[str, str]) -> dict[str, Entry]:
    """Return entries of functions that all take the same arguments, from name -> doc."""
    return _functions(root, {f"{name}({arguments})": doc for name, doc in table.items()})


def _named(
    root: str, kind: Literal["constant", "type", "inert", "typing"], table: dict[str, str]
) -> dict[str, Entry]:
    return {f"{root}.{name}": Entry(name, doc, kind) for name, doc in table.items()}


_NUMPY_ARRAYS = {
    "array(x, dtype=None)": "array from numbers, tuples, lists or an array; a copy",
    "asarray(x, dtype=None)": "as array, without a copy of an array",
    "zeros(shape, dtype=float)": "array of zeros; the shape is known before run time",
    "ones(shape, dtype=float)": "array of ones; the shape is known before run time",
    "full(shape, value, dtype=None)": "array filled with a value",
    "zeros_like(x, dtype=None)": "zeros of the shape of x",
    "ones_like(x, dtype=None)": "ones of the shape of x",
    "full_like(x, value, dtype=None)": "array of the shape of x filled with a value",
    "arange(start, stop=None, step=1)": "evenly spaced numbers; bounds are known before run time",
    "stack(arrays, axis=0)": "arrays joined along a new axis",
    "concatenate(arrays, axis=0)": "arrays joined along an existing axis",
    "where(condition, x, y)": "x where the condition holds, else y; where(condition) gives indices",
    "argwhere(x)": "coordinates of the true elements, one row each",
    "nonzero(x)": "coordinates of the true elements, one array per axis",
    "flatnonzero(x)": "positions of the true elements of the flattened array",
    "clip(x, low, high)": "x limited to low..high",
    "array_equal(a, b)": "whether shapes and all elements are equal",
    "isclose(a, b, rtol=1e-05, atol=1e-08)": "whether elements are equal within a tolerance",
    "allclose(a, b, rtol=1e-05, atol=1e-08)": "whether all elements are equal within a tolerance",
    "dot(a, b)": "inner or matrix product",
    "linalg.norm(x, ord=None, axis=None)": "length of a vector",
    "count_nonzero(x, axis=None)": "number of true elements",
    "round(x, decimals=0)": "rounded, ties to even",
}
_NUMPY_REDUCTIONS = {
    "any": "whether any element is true",
    "all": "whether all elements are true",
    "sum": "sum",
    "prod": "product",
    "mean": "mean",
    "std": "standard deviation",
    "var": "variance",
    "min": "smallest element",
    "max": "largest element",
    "amin": "smallest element",
    "amax": "largest element",
    "argmin": "position of the smallest element",
    "argmax": "position of the largest element",
}
_NUMPY_UNARY = {
    "abs": "absolute value",
    "absolute": "absolute value",
    "fabs": "absolute value as a float",
    "sqrt": "square root",
    "square": "square",
    "exp": "exponential",
    "log": "natural logarithm",
    "log2": "logarithm to base 2",
    "log10": "logarithm to base 10",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "arcsin": "inverse sine",
    "arccos": "inverse cosine",
    "arctan": "inverse tangent",
    "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine",
    "tanh": "hyperbolic tangent",
    "floor": "largest integer not above, as a float",
    "ceil": "smallest integer not below, as a float",
    "rint": "nearest integer, ties to even",
    "trunc": "the fraction cut off",
    "sign": "-1, 0 or 1",
    "logical_not": "not, element by element",
    "isnan": "whether it is nan",
    "isinf": "whether it is infinite",
    "isfinite": "whether it is neither infinite nor nan",
}
_NUMPY_BINARY = {
    "arctan2": "angle of the point (second, first)",
    "hypot": "length of the hypotenuse",
    "power": "first to the power of the second",
    "minimum": "smaller of the two",
    "maximum": "larger of the two",
    "logical_and": "and, element by element",
    "logical_or": "or, element by element",
    "logical_xor": "either but not both, element by element",
    "bitwise_and": "and of the bits",
    "bitwise_or": "or of the bits",
    "bitwise_xor": "exclusive or of the bits",
    "add": "sum of the two",
    "subtract": "difference of the two",
    "multiply": "product of the two",
    "divide": "quotient of the two",
    "floor_divide": "quotient rounded down",
    "mod": "remainder with the sign of the divisor",
    "remainder": "remainder with the sign of the divisor",
    "equal": "whether the two are equal",
    "not_equal": "whether the two differ",
    "less": "whether the first is smaller",
    "less_equal": "whether the first is smaller or equal",
    "greater": "whether the first is larger",
    "greater_equal": "whether the first is larger or equal",
}
_NUMPY_CONSTANTS = {
    "pi": "3.14159...",
    "e": "2.71828...",
    "inf": "infinity",
    "nan": "not a number",
    "newaxis": "None: a new axis in an index",
}
_NUMPY_TYPES = {
    **{name: f"the dtype {name}" for name in ("uint8", "int8", "uint16", "int16")},
    **{name: f"the dtype {name}" for name in ("uint32", "int32", "uint64", "int64")},
    **{name: f"the dtype {name}" for name in ("float32", "float64")},
    "bool_": "the dtype bool",
    "int_": "the dtype int64",
    "intp": "the dtype int64",
    "ndarray": "the type of arrays, for isinstance",
    "integer": "the type of NumPy integers, for isinstance",
    "floating": "the type of NumPy floats, for isinstance",
}

_MATH_UNARY = {
    "sqrt": "square root",
    "floor": "largest integer not above",
    "ceil": "smallest integer not below",
    "trunc": "the fraction cut off",
    "exp": "exponential",
    "log2": "logarithm to base 2",
    "log10": "logarithm to base 10",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "asin": "inverse sine",
    "acos": "inverse cosine",
    "atan": "inverse tangent",
    "tanh": "hyperbolic tangent",
    "fabs": "absolute value as a float",
    "degrees": "radians to degrees",
    "radians": "degrees to radians",
    "isnan": "whether it is nan",
    "isinf": "whether it is infinite",
    "isfinite": "whether it is neither infinite nor nan",
}
_MATH = {
    "hypot(*coordinates)": "length of a vector",
    "atan2(y, x)": "angle of the point (x, y)",
    "pow(x, y)": "x to the power of y, as a float",
    "log(x, base=e)": "logarithm",
}
_MATH_CONSTANTS = {
    "pi": "3.14159...",
    "e": "2.71828...",
    "inf": "infinity",
    "nan": "not a number",
}

_CV2 = {
    "imread(path, flags=cv2.IMREAD_COLOR)": "the frame, as BGR: only on the path parameter",
    "cvtColor(image, code)": "the picture in another colour space",
    "inRange(image, lower, upper)": "mask, 255 where every channel is within the bounds",
    "countNonZero(mask)": "number of elements that are not 0",
    "bitwise_and(a, b, mask=None)": "and of the bits; 0 outside the mask",
    "bitwise_or(a, b, mask=None)": "or of the bits; 0 outside the mask",
    "bitwise_xor(a, b, mask=None)": "exclusive or of the bits; 0 outside the mask",
    "bitwise_not(a, mask=None)": "the bits inverted; 0 outside the mask",
    "absdiff(a, b)": "absolute difference",
}
_CV2_CONSTANTS = {
    "COLOR_BGR2HSV": "blue, green, red to hue 0..179, saturation, value",
    "COLOR_RGB2HSV": "red, green, blue to hue 0..179, saturation, value",
    "COLOR_BGR2GRAY": "blue, green, red to grey",
    "COLOR_RGB2GRAY": "red, green, blue to grey",
    "COLOR_BGR2RGB": "the channels reversed",
    "COLOR_RGB2BGR": "the channels reversed",
    "IMREAD_COLOR": "read as three channels",
}

_LOGGING = ("debug", "info", "warning", "error", "exception", "critical", "log", "basicConfig")
_LOGGING_CONSTANTS = {
    name: "a level of logging" for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
}
_TYPING = (
    "Any",
    "Callable",
    "ClassVar",
    "Dict",
    "Final",
    "Iterable",
    "List",
    "Literal",
    "Mapping",
    "Optional",
    "Sequence",
    "Set",
    "Tuple",
    "Type",
    "TypeAlias",
    "Union",
)

LIBRARY: dict[str, Entry] = {
    **_functions("numpy", _NUMPY_ARRAYS),
    **_elementwise("numpy", "x, axis=None, keepdims=False", _NUMPY_REDUCTIONS),
    **_elementwise("numpy", "x", _NUMPY_UNARY),
    **_elementwise("numpy", "a, b", _NUMPY_BINARY),
    **_named("numpy", "constant", _NUMPY_CONSTANTS),
    **_named("numpy", "type", _NUMPY_TYPES),
    **_functions("math", _MATH),
    **_elementwise("math", "x", _MATH_UNARY),
    **_named("math", "constant", _MATH_CONSTANTS),
    **_functions("cv2", _CV2),
    **_named("cv2", "constant", _CV2_CONSTANTS),
    **_named("logging", "inert", {name: "does nothing" for name in _LOGGING}),
    **_named("logging", "constant", _LOGGING_CONSTANTS),
    **_named("typing", "typing", {name: "for annotations" for name in _TYPING}),
    **_named("numpy.typing", "typing", {"NDArray": "for annotations", "ArrayLike": ""}),
}
