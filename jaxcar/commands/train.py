"""`jaxcar train`: as `jaxcar run`, but it asks no model; it also resumes any run."""

from __future__ import annotations

from jaxcar.commands import run


def main(arguments: list[str]) -> int:
    """Train on given program files or on none, or resume a run.

    Args:
        arguments: `CONFIG [flags]` or `--resume RUN`.

    Returns:
        The exit code.

    Raises:
        JaxcarError: whatever is known to go wrong, in words.
    """
    return run.main(arguments, name="train")
