"""What a run shows while it goes: a live table on a terminal, plain lines anywhere else."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from rich.console import Console

    from jaxcar.run.metrics import Measurement


class Display(Protocol):
    """Whoever wants to know how a run is getting on."""

    def say(self, text: str) -> None:
        """Tell of a stage of the run."""

    def begin(self, arm: str, steps: int, total: int) -> None:
        """Tell that an arm begins, or goes on after `steps` of at most `total` steps a seed."""

    def show(self, measurement: Measurement, steps_per_s: float) -> None:
        """Tell what was measured after a chunk, and the chunk's speed over all seeds."""

    def end(self, arm: str, text: str) -> None:
        """Tell that an arm is over, and why."""


class RichDisplay:
    """A bar an arm with success, faults, speed and time left; lines where there is no terminal.

    Args:
        console: where to show it; standard error if None.
    """

    def __init__(self, console: Console | None = None) -> None:
        import rich.console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.console = console or rich.console.Console(stderr=True, highlight=False)
        self.live = self.console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:,.0f} / {task.total:,.0f} steps"),
            TextColumn("[bold]{task.fields[success]}"),
            TextColumn("{task.fields[faults]}"),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self.console,
            disable=not self.live,
        )
        self._bars: dict[str, int] = {}
        self._totals: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self.console.print(text, markup=False, soft_wrap=True)

    def begin(self, arm: str, steps: int, total: int) -> None:
        """Put up the arm's bar."""
        self._totals[arm] = total
        if self.live:
            self._bars[arm] = self._progress.add_task(
                arm, total=total, completed=steps, success="", faults="", speed=""
            )

    def show(self, measurement: Measurement, steps_per_s: float) -> None:
        """Move the arm's bar, or print a line."""
        success = measurement.sampled.success
        mean = f"success {sum(success) / len(success):6.1%}"
        faults = f"{measurement.faults:,} faults"
        speed = f"{steps_per_s:,.0f} steps/s"
        arm, total = measurement.arm, self._totals[measurement.arm]
        if self.live:
            self._progress.update(
                self._bars[arm],  # type: ignore[arg-type]
                completed=measurement.steps,
                success=mean,
                faults=faults,
                speed=speed,
            )
            return
        left = (total - measurement.steps) * len(success) / steps_per_s if steps_per_s else 0.0
        self.say(
            f"{arm:<8} {measurement.steps:>10,} / {total:,} steps  {mean}  {faults}  {speed}"
            f"  at most {left:,.0f} s left"
        )

    def end(self, arm: str, text: str) -> None:
        """Print why the arm is over."""
        if self.live:
            self._progress.stop_task(self._bars[arm])  # type: ignore[arg-type]
        self.say(f"{arm}: {text}")
