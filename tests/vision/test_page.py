"""docs/vision.md says what was measured, of every operation, and what was measured is still so."""

import json
import pathlib
import runpy

import pytest
from vision_cases import CASES
from vision_cases.case import compare

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "measure_vision.py"))
RECORD = json.loads((ROOT / "docs" / "vision.json").read_text(encoding="utf-8"))
AGAIN = {
    *("bgr_to_hsv", "add_weighted", "otsu_level", "mean_and_deviation", "morph", "filter_2d"),
    *("resize", "circle", "match_template", "arc_length", "picture_moments"),
}


def test_the_page_is_that_of_the_figures():
    written = (ROOT / "docs" / "vision.md").read_text(encoding="utf-8")
    assert written == SCRIPT["page"](RECORD), "run scripts/measure_vision.py --page"


def test_every_call_of_the_table_was_measured():
    measured = [(row["operation"], row["call"]) for row in RECORD["rows"]]
    assert measured == [(case.operation, case.call) for case in CASES], "run the script again"
    assert min(RECORD["pictures"].values()) >= 1000


def test_the_figures_are_within_the_tests_tolerances():
    for case, row in zip(CASES, RECORD["rows"], strict=True):
        assert row["tolerance"] == case.tolerance
        assert row["error"] <= case.tolerance, case.call
        assert row["unequal"] == 0 or case.tolerance > 0, case.call
    assert not any(row["unequal"] for row in [*RECORD["every colour"], RECORD["kernels"]])


@pytest.mark.parametrize("batch", [0, 4], ids=["random", "table-tops"])
def test_a_few_are_measured_again(batch):
    _, make = SCRIPT["BATCHES"][batch]
    inputs = SCRIPT["inputs_of"](make(24))
    firsts = {case.operation: case for case in reversed(CASES)}
    for operation in sorted(AGAIN):
        compare(firsts[operation], inputs)
