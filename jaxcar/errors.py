"""The errors that jaxcar raises on purpose, one class per thing that a caller can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxcar.lang.diagnostic import Diagnostic


class JaxcarError(Exception):
    """Report known-bad input: what is wrong, where, what was got and expected, how to mend it.

    Args:
        message: one line that stands alone.
        where: the file, key or argument at fault.
        got: what was found there.
        expected: what would have been accepted.
        fix: what to do about it.

    Example:
        >>> print(JaxcarError("unknown task", got="DoorKey", fix="run `jaxcar tasks`"))
        unknown task
          got: DoorKey
          fix: run `jaxcar tasks`
    """

    def __init__(
        self,
        message: str,
        *,
        where: object = None,
        got: object = None,
        expected: object = None,
        fix: str | None = None,
    ) -> None:
        self.message = message
        rows = (("where", where), ("got", got), ("expected", expected), ("fix", fix))
        lines = [message, *(f"  {name}: {value}" for name, value in rows if value is not None)]
        super().__init__("\n".join(lines))


class ConfigError(JaxcarError):
    """A configuration file or flag that cannot be used."""


class UnknownTask(JaxcarError):  # noqa: N818 - reads as what it is
    """A task id that is not registered."""


class RefusedProgram(JaxcarError):  # noqa: N818 - reads as what it is
    """A reward program outside the reward language.

    Args:
        diagnostics: every reason for the refusal, in source order.

    Attributes:
        diagnostics: `tuple[Diagnostic, ...]`, each with a stable code, a message and a place.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        text = "\n\n".join(diagnostic.render() for diagnostic in self.diagnostics)
        super().__init__(f"the program is refused\n{text}")


class RejectedReward(JaxcarError):  # noqa: N818 - reads as what it is
    """Programs whose verdict does not allow training on them."""


class ReplyError(JaxcarError):
    """A model's reply, or the record of one, that cannot be used."""


class RunError(JaxcarError):
    """A run directory that cannot be written, opened or resumed."""
