"""The report's charts: stored measurements to SVG that follows the page's colours."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jaxcar.run.metrics import Measurement
from jaxcar.run.summary import Interval, mean_interval, of_arm, success_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ARM_COLOURS = {"program": "#2f78c4", "sparse": "#d9822b"}
_SERIES = ("#2f78c4", "#d9822b", "#3a9d6e", "#a463b0", "#c4505a", "#7d7d7d")
_INK = "#010203"  # stands for the page's text colour until the SVG is written
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jaxcar",
    "font.size": 10,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "savefig.transparent": True,
}
Curve = list[tuple[int, Interval]]


def success_chart(measurements: Sequence[Measurement], stop_at: float | None) -> str:
    """Draw task success against environment steps, one line an arm.

    Args:
        measurements: all arms' measurements.
        stop_at: the success at which an arm stops, drawn as a line; None for none.

    Returns:
        An `<svg>` element; bands are 95 % intervals.
    """

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for arm, curve in _curves(measurements, _success):
            _line(axes, curve, ARM_COLOURS.get(arm, _SERIES[-1]), arm)
        if stop_at is not None:
            axes.axhline(stop_at, color=_INK, lw=0.6, ls=(0, (4, 3)), alpha=0.5)
        _share_axis(axes, "success in fresh episodes", measurements)
        axes.legend(loc="lower right")

    return _svg(draw, 7.6, 3.4)


def subtask_chart(measurements: Sequence[Measurement]) -> str:
    """Draw the share of evaluation episodes that reach each sub-task, a panel an arm.

    Args:
        measurements: all arms' measurements.

    Returns:
        An `<svg>` element; the sub-tasks are the task's own truths.
    """
    arms = list(dict.fromkeys(m.arm for m in measurements))
    names = list(measurements[0].sampled.subtasks)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(arms), sharey=True, sharex=True, squeeze=False)[0]
        for axes, arm in zip(panels, arms, strict=True):
            for colour, name in zip(_SERIES, names, strict=False):
                curve = _curve(of_arm(measurements, arm), _subtask(name))
                _line(axes, curve, colour, name.replace("_", " "))
            _share_axis(axes, "share of episodes" if axes is panels[0] else "", measurements)
            axes.set_title(f"{arm} reward")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=len(labels))

    return _svg(draw, 7.6, 3.1)


def training_chart(measurements: Sequence[Measurement], panels: Sequence[tuple[str, str]]) -> str:
    """Draw some of the learner's own metrics, a small panel each.

    Args:
        measurements: all arms' measurements.
        panels: pairs of a metric's name and its title; metrics that no arm has are left out.

    Returns:
        An `<svg>` element, or an empty text where there is nothing to draw.
    """
    present = [p for p in panels if any(p[0] in m.train for m in measurements)]
    if not present:
        return ""
    rows = -(-len(present) // 3)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(rows, 3, squeeze=False).ravel()
        for axes, (name, title) in zip(grid, present, strict=False):
            for arm, curve in _curves(measurements, _trained(name)):
                _line(axes, curve, ARM_COLOURS.get(arm, _SERIES[-1]), arm)
            axes.set_title(title)
            _step_axis(axes, measurements)
        for axes in grid[len(present) :]:
            axes.set_axis_off()

    return _svg(draw, 7.6, 2.1 * rows)


def _success(measurement: Measurement) -> Interval:
    return success_interval(measurement.sampled.success, measurement.sampled.episodes, 2_000)


def _subtask(name: str) -> Callable[[Measurement], Interval]:
    return lambda m: success_interval(m.sampled.subtasks[name], m.sampled.episodes, 2_000)


def _trained(name: str) -> Callable[[Measurement], Interval]:
    return lambda m: mean_interval(m.train.get(name, []))


def _curve(
    measurements: Sequence[Measurement], value: Callable[[Measurement], Interval]
) -> list[tuple[int, Interval]]:
    return [(m.steps, value(m)) for m in measurements if m.kind == "chunk"]


def _curves(
    measurements: Sequence[Measurement], value: Callable[[Measurement], Interval]
) -> list[tuple[str, Curve]]:
    arms = dict.fromkeys(m.arm for m in measurements)
    return [(arm, _curve(of_arm(measurements, arm), value)) for arm in arms]


def _line(axes: Axes, curve: Curve, colour: str, label: str) -> None:
    steps = [step for step, _ in curve]
    axes.fill_between(
        steps, [v.low for _, v in curve], [v.high for _, v in curve], color=colour, alpha=0.18, lw=0
    )
    few = len(curve) < 3
    axes.plot(
        steps, [v.mean for _, v in curve], color=colour, lw=1.6, label=label, marker="o" * few
    )


def _share_axis(axes: Axes, label: str, measurements: Sequence[Measurement]) -> None:
    axes.set_ylim(-0.02, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_ylabel(label)
    axes.grid(axis="y", color=_INK, alpha=0.12, lw=0.6)
    axes.set_xlabel("environment steps of one seed")
    _step_axis(axes, measurements)


def _step_axis(axes: Axes, measurements: Sequence[Measurement]) -> None:
    from matplotlib.ticker import EngFormatter, MaxNLocator

    axes.set_xlim(0, max(m.steps for m in measurements))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))


def _svg(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """Draw into a figure of its own: no backend and no window is touched."""
    import matplotlib
    from matplotlib.figure import Figure

    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _for_the_page(buffer.getvalue())


def _for_the_page(svg: str) -> str:
    """Keep the drawing alone, in the page's font and ink, as wide as the page allows."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1">', svg, count=1)
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    return svg.replace("xlink:href", "href").replace(_INK, "currentColor")
