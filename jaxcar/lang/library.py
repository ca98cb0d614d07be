"""The library names that a program may use, by the dotted path that CPython would find them at."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jaxcar.lang import numpy_names, opencv_names, ufunc_names, vision_names


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
    "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine",
    "asinh": "inverse hyperbolic sine",
    "acosh": "inverse hyperbolic cosine",
    "atanh": "inverse hyperbolic tangent",
    "cbrt": "cube root",
    "exp2": "2 to the power of x",
    "expm1": "exp(x) - 1",
    "log1p": "log(1 + x)",
    "erf": "error function",
    "erfc": "1 minus the error function",
    "fabs": "absolute value as a float",
    "degrees": "radians to degrees",
    "radians": "degrees to radians",
    "isnan": "whether it is nan",
    "isinf": "whether it is infinite",
    "isfinite": "whether it is neither infinite nor nan",
}
_MATH = {
    "dist(p, q)": "length of the difference of two points",
    "fsum(sequence)": "sum of floats, rounded once",
    "prod(sequence, start=1)": "product",
    "isclose(a, b, rel_tol=1e-09, abs_tol=0.0)": "whether two numbers are nearly equal",
    "copysign(x, y)": "x with the sign of y",
    "fmod(x, y)": "remainder with the sign of x",
    "remainder(x, y)": "difference from the nearest multiple of y",
    "modf(x)": "fraction and whole part",
    "gcd(*integers)": "greatest common divisor",
    "lcm(*integers)": "least common multiple",
    "isqrt(n)": "square root of an integer, rounded down",
    "factorial(n)": "product of 1 to n",
    "comb(n, k)": "number of ways to choose k of n",
    "perm(n, k=None)": "number of ways to choose k of n in order",
    "hypot(*coordinates)": "length of a vector",
    "atan2(y, x)": "angle of the point (x, y)",
    "pow(x, y)": "x to the power of y, as a float",
    "log(x, base=e)": "logarithm",
}
_MATH_CONSTANTS = {
    "pi": "3.14159...",
    "tau": "6.28318...",
    "e": "2.71828...",
    "inf": "infinity",
    "nan": "not a number",
}

_ITERTOOLS = {
    "product(*sequences, repeat=1)": "all tuples with one element of each",
    "combinations(sequence, r)": "all choices of r elements",
    "combinations_with_replacement(sequence, r)": "all choices of r elements, with repetition",
    "permutations(sequence, r=None)": "all orders of r elements",
    "chain(*sequences)": "one sequence after the other",
    "chain.from_iterable(sequences)": "one sequence after the other",
    "accumulate(sequence, initial=None)": "running sums",
    "pairwise(sequence)": "each element with the next",
    "zip_longest(*sequences, fillvalue=None)": "tuples, as many as the longest sequence has",
    "islice(sequence, start, stop, step)": "elements at known positions",
    "repeat(x, times)": "the same object a known number of times",
}
_DISTANCES = {
    "euclidean(u, v)": "length of the difference",
    "sqeuclidean(u, v)": "squared length of the difference",
    "cityblock(u, v)": "sum of the absolute differences",
    "chebyshev(u, v)": "largest absolute difference",
    "cosine(u, v)": "1 minus the cosine of the angle",
    "cdist(XA, XB, metric='euclidean')": "distance of each row from each row",
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
    "Generator",
    "Iterable",
    "Iterator",
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
    **_functions("numpy", numpy_names.ARRAYS),
    **_functions("numpy", numpy_names.SHAPES),
    **_functions("numpy", numpy_names.SEARCHES),
    **_functions("numpy", numpy_names.TOTALS),
    **_functions("numpy", numpy_names.PRODUCTS),
    **_elementwise("numpy", "x, axis=None, keepdims=False", numpy_names.REDUCTIONS),
    **_elementwise("numpy", "x", numpy_names.UNARY),
    **_elementwise("numpy", "a, b", numpy_names.BINARY),
    **_functions("numpy", ufunc_names.REDUCES),
    **_named("numpy", "constant", numpy_names.CONSTANTS),
    **_named("numpy", "type", numpy_names.TYPES),
    **_functions("math", _MATH),
    **_elementwise("math", "x", _MATH_UNARY),
    **_named("math", "constant", _MATH_CONSTANTS),
    **_functions("itertools", _ITERTOOLS),
    **_functions("scipy.spatial.distance", _DISTANCES),
    **_functions("cv2", opencv_names.FUNCTIONS),
    **_named("cv2", "constant", opencv_names.CONSTANTS),
    **_functions("jaxcar.vision.host", vision_names.FUNCTIONS),
    **_named("jaxcar.vision.host", "typing", vision_names.TYPES),
    **_named("logging", "inert", {name: "does nothing" for name in _LOGGING}),
    **_named("logging", "constant", _LOGGING_CONSTANTS),
    **_named("typing", "typing", {name: "for annotations" for name in _TYPING}),
    **_named("numpy.typing", "typing", {"NDArray": "for annotations", "ArrayLike": ""}),
}
