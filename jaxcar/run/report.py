"""The report: one HTML file from what a run has stored; it neither computes nor trains."""

from __future__ import annotations

import base64
import dataclasses
import functools
import pathlib
import shlex
from collections.abc import Sequence
from typing import Any

import yaml

from jaxcar.run import charts, store, summary
from jaxcar.run.metrics import Measurement, MetricsLog

_TRAINING_PANELS = (
    ("task_return", "task return in training"),
    ("program_reward", "program reward a step"),
    ("entropy", "entropy"),
    ("explained_variance", "explained variance"),
    ("approx_kl", "KL an update"),
    ("episode_length", "episode length in training"),
)


def write_report(run: store.RunDirectory) -> pathlib.Path:
    """Write `report.html` of a run from its files alone.

    Args:
        run: a run with at least one measurement and its summary.

    Returns:
        The report's path. The file refers to nothing outside itself.

    Raises:
        RunError: a file of the run is missing or damaged, or the report cannot be written.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jaxcar.run", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(python=_python, percent=_percent, count=_count, seconds=_seconds)
    html = environment.get_template("report.html.j2").render(**_gather(run))
    store.write(run.report, html)
    return run.report


def _gather(run: store.RunDirectory) -> dict[str, Any]:
    """Everything that the template names."""
    measurements = MetricsLog(run.metrics).read()
    config = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    return {
        "config": config,
        "config_text": run.config.read_text(encoding="utf-8"),
        "machine": store.read_json(run.machine),
        "summary": store.read_json(run.summary),
        "verdict": store.read_json(run.verdict) if run.verdict.exists() else None,
        "task": store.read_json(run.task),
        "subtasks": store.read_json(run.subtasks) if run.subtasks.exists() else [],
        "programs": store.read_programs(run) or [],
        "exchanges": _exchanges(run),
        "pictures": _pictures(run),
        "film": store.read_json(run.film) if run.film.exists() else None,
        "film_picture": _data_url(run.pictures / "policy.gif"),
        "charts": _draw(measurements, config),
        "rows": _rows(measurements),
        "equal": _equal(measurements),
        "run_name": run.path.resolve().name,
        "folder": shlex.quote(str(run.path)),
    }


def _draw(measurements: Sequence[Measurement], config: dict[str, Any]) -> dict[str, str]:
    if not any(m.kind == "chunk" for m in measurements):
        return {}
    return {
        "success": charts.success_chart(measurements, config["evaluate"]["stop_at"]),
        "subtasks": charts.subtask_chart(measurements) if measurements[0].sampled.subtasks else "",
        "training": charts.training_chart(measurements, _TRAINING_PANELS),
    }


def _rows(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    """One row an arm: the final evaluations, sampled and greedy."""
    rows = []
    for arm in dict.fromkeys(m.arm for m in measurements):
        last = summary.final(summary.of_arm(measurements, arm))
        row: dict[str, Any] = {"arm": arm, "last": dataclasses.asdict(last)}
        for name, found in (("sampled", last.sampled), ("greedy", last.greedy)):
            row[name] = found and summary.success_interval(found.success, found.episodes)
        rows.append(row)
    return rows


def _equal(measurements: Sequence[Measurement]) -> list[dict[str, Any]]:
    """One row an arm: success at the steps at which the first arm stopped."""
    return [
        {
            "arm": arm,
            "steps": steps,
            "success": summary.success_interval(found.success, found.episodes),
        }
        for arm, (steps, found) in summary.equal_steps(measurements).items()
    ]


def _exchanges(run: store.RunDirectory) -> list[dict[str, Any]]:
    """Prompts and replies in the order in which they were exchanged."""
    index = run.exchanges / "index.json"
    if not index.exists():
        return []
    return [
        entry | store.read_json(run.exchanges / entry["file"]) for entry in store.read_json(index)
    ]


def _pictures(run: store.RunDirectory) -> list[tuple[str, str]]:
    """The prompts' pictures as (name, data URL), in the order of their file names."""
    paths = sorted(run.pictures.glob("*.png")) if run.pictures.is_dir() else []
    return [(path.stem.partition("-")[2], _data_url(path) or "") for path in paths]


def _data_url(path: pathlib.Path) -> str | None:
    if not path.exists():
        return None
    data = base64.b64encode(path.read_bytes()).decode()
    return f"data:image/{path.suffix[1:]};base64,{data}"


@functools.cache
def _python(text: str) -> str:
    """Colour Python source by class names: HTML in which the source is escaped."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(text, PythonLexer(), HtmlFormatter(nowrap=True))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}".replace(",", " ")


def _seconds(value: float) -> str:
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{value:.1f} s"
