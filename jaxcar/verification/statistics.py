"""Shares with their uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """How many of how many.

    Attributes:
        count: of these,
        total: of so many.

    Example:
        >>> Share(9, 10).value, str(Share(9, 10))
        (0.9, '9 of 10')
    """

    count: int
    total: int

    def __str__(self) -> str:
        return f"{self.count} of {self.total}"

    @property
    def value(self) -> float:
        """Return count / total; nan of nothing."""
        return self.count / self.total if self.total else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % Wilson score interval of the share."""
        return wilson_interval(self.count, self.total)

    def to_dict(self) -> dict[str, object]:
        """Return count, total, share and interval, ready for JSON; null where there is nothing."""
        known = self.total > 0
        return {
            "count": self.count,
            "total": self.total,
            "share": self.value if known else None,
            "ci": list(self.interval) if known else None,
        }


def wilson_interval(count: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson, JASA 22, 1927).

    Args:
        count: successes.
        total: trials; of none the interval is (0, 1).
        z: the normal quantile; 1.96 for 95 %.

    Returns:
        Its two ends, within [0, 1].

    Example:
        >>> [round(end, 4) for end in wilson_interval(0, 1000)]
        [0.0, 0.0038]
    """
    if total == 0:
        return 0.0, 1.0
    share = count / total
    scale = 1.0 + z * z / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if count == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if count == total else min(1.0, (middle + half) / scale)
    return low, high
