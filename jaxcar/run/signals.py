"""Ctrl-C and SIGTERM as a wish to stop, which the run grants where it can save."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_WATCHED = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):  # noqa: N818 - reads as what it is
    """The run stopped because it was asked to; what it had done is saved.

    Args:
        number: the signal.

    Attributes:
        exit_code: what a shell expects after this signal: 130 after Ctrl-C.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class StopWish:
    """Whether the run was asked to stop."""

    def __init__(self) -> None:
        self.number: int | None = None

    def check(self) -> None:
        """Stop here if that was asked for.

        Raises:
            Interrupted: it was.
        """
        if self.number is not None:
            raise Interrupted(self.number)

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Note the first signal; at the second one stop at once, unsaved."""
        if self.number is not None:
            raise KeyboardInterrupt
        self.number = number


@contextmanager
def stop_wish() -> Iterator[StopWish]:
    """Watch for signals while inside; outside the main thread nothing is watched.

    Yields:
        What to check between two pieces of work.
    """
    wish = StopWish()
    if threading.current_thread() is not threading.main_thread():
        yield wish
        return
    before = {number: signal.signal(number, wish.receive) for number in _WATCHED}
    try:
        yield wish
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
