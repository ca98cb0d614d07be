"""The reductions of NumPy's ufuncs that a program may use: `np.bitwise_or.reduce(masks)`."""

from __future__ import annotations

_WORDS = {
    "add": "sum",
    "multiply": "product",
    "maximum": "largest element",
    "minimum": "smallest element",
    "logical_and": "whether all are true",
    "logical_or": "whether any is true",
    "bitwise_and": "and of the bits",
    "bitwise_or": "or of the bits",
    "bitwise_xor": "exclusive or of the bits",
}
REDUCES = {
    f"{name}.reduce(x, axis=0, keepdims=False)": f"{words}, along one axis"
    for name, words in _WORDS.items()
}
