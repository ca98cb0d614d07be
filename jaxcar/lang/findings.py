"""What the passes of the resolver share: the list of findings, and near-miss names."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jaxcar.lang.diagnostic import Diagnostic, diagnostic
from jaxcar.lang.source import ProgramSource, Span

_COMPARISONS = 20_000  # pairs of names compared, then no more: hostile text has many names
_LONGEST = 60  # characters of a name for which a near miss is sought


@dataclass
class Findings:
    """The diagnostics of one program so far.

    Args:
        source: the program.

    Attributes:
        diagnostics: what was reported, in the order of reporting.
    """

    source: ProgramSource
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _compared: int = 0

    def report(
        self,
        code: str,
        message: str,
        place: ast.AST | Span,
        *,
        labels: Sequence[tuple[ast.AST | Span, str]] = (),
        notes: Sequence[str] = (),
        fix: str | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add a diagnostic; the arguments are those of `jaxcar.lang.diagnostic.diagnostic`."""
        self.diagnostics.append(
            diagnostic(
                code,
                message,
                self.source,
                place,
                labels=labels,
                notes=notes,
                fix=fix,
                severity=severity,
            )
        )

    def near(self, name: str, candidates: Callable[[], Iterable[str]]) -> str | None:
        """Return the candidate that the writer of `name` may have meant, or None."""
        if self._compared > _COMPARISONS or len(name) > _LONGEST:
            return None
        names = sorted(set(candidates()))
        self._compared += len(names)
        return _near(name, names)

    def did_you_mean(self, name: str, candidates: Callable[[], Iterable[str]]) -> str | None:
        """Return "did you mean `x`?", or None where nothing comes near."""
        found = self.near(name, candidates)
        return None if found is None else f"did you mean `{found}`?"

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics in source order, each code once per place."""
        unique = {(found.span, found.code): found for found in reversed(self.diagnostics)}
        return tuple(unique[key] for key in sorted(unique))


def _near(name: str, candidates: list[str]) -> str | None:
    """Return the nearest candidate; letter case counts for nothing.

    Example:
        >>> _near("count_nonzeros", ["nonzero", "count_nonzero"])
        'count_nonzero'
    """
    lowered = {candidate.lower(): candidate for candidate in reversed(candidates)}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.76)
    return lowered[found[0]] if found else None
