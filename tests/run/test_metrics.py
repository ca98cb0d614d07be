"""Metrics: lines that read back equal, a half line that is left out, a damaged one that is told."""

import dataclasses
import json
import math

import pytest
import stored

from jaxcar.errors import RunError
from jaxcar.run.metrics import MetricsLog, finite


@pytest.fixture
def log(tmp_path):
    return MetricsLog(tmp_path / "metrics.jsonl")


def test_measurements_read_back_equal(log):
    assert log.read() == []
    made = stored.measurements(chunks=3)
    for measurement in made:
        log.append(measurement)
    assert log.read() == made
    for line in log.path.read_text().splitlines():
        assert json.loads(line)["arm"] in ("program", "sparse")


def test_a_half_written_last_line_is_left_out_and_cut(log):
    made = stored.measurements(chunks=3)
    for measurement in made:
        log.append(measurement)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-7])
    assert log.read() == made[:-1]
    assert log.keep(lambda _: True) == made[:-1]
    assert log.path.read_bytes() == whole[: whole[:-1].rindex(b"\n") + 1]


def test_keep_drops_what_is_not_wanted(log):
    for measurement in stored.measurements(chunks=3):
        log.append(measurement)
    log.keep(lambda m: m.arm == "sparse")
    assert {m.arm for m in log.read()} == {"sparse"}


@pytest.mark.parametrize("line", ["{", "3", "{}", '{"sampled": {}}', "\x00"])
def test_a_damaged_line_is_named(log, line):
    log.append(stored.measurements(chunks=3)[0])
    with open(log.path, "a") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match=r"metrics\.jsonl:2"):
        log.read()


def test_no_line_holds_what_json_does_not_know(log):
    broken = dataclasses.replace(stored.measurements(chunks=3)[0], train_s=math.nan)
    with pytest.raises(ValueError, match="JSON"):
        log.append(broken)
    assert not log.path.exists()
    assert (finite(math.inf), finite(math.nan), finite(2)) == (None, None, 2.0)
