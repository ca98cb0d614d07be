"""What `np.argsort` gives where NumPy does not say in which order equal elements come.

Most programs look at an end of it: `np.argsort(counts)[-1]`. Only positions that are one of several
equal elements are a limit fault, and only where they are looked at.
"""

from __future__ import annotations

import dataclasses

import jax

from jaxcar.program.tensors import Tensor


@dataclasses.dataclass(eq=False)
class Order:
    """Positions of elements in increasing order, not all of which are sure.

    An expression has such a value only where it is assigned to a name or indexed; elsewhere it
    becomes an array (`settled`).

    Args:
        positions: int64[...].
        unsure: bool[...], whether an equal element might as well be there.
    """

    positions: Tensor
    unsure: jax.Array
