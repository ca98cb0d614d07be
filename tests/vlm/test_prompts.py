import numpy as np
import pytest

from jaxcar.errors import JaxcarError
from jaxcar.vlm import (
    Picture,
    ProgramBrief,
    SubTaskText,
    diagnostics_prompt,
    enlarge,
    program_prompt,
    subtasks_prompt,
    verdict_prompt,
)
from jaxcar.vlm.prompts import colour_table

START = np.zeros((16, 12, 3), np.uint8)
START[2:4, 5:9] = (255, 200, 0)
GOAL = START.copy()
GOAL[2:4, 5:9] = 0
GOAL[8, 1] = (0, 255, 0)
HAS_KEY = SubTaskText("has_key", "The yellow key is gone.")
AT_GOAL = SubTaskText("at_goal", "The triangle stands on green.")
BRIEF = ProgramBrief("Fetch the key.", START, GOAL, HAS_KEY, (HAS_KEY, AT_GOAL), "NO LAMBDAS")


def test_enlarged_by_a_whole_factor_with_square_pixels():
    shown = enlarge(START, "start").pixels
    assert shown.shape == (512, 384, 3)
    np.testing.assert_array_equal(shown[16::32, 16::32], START)
    assert (shown[:32, :32] == shown[0, 0]).all()
    large = np.zeros((700, 600, 3), np.uint8)
    assert enlarge(large, "large").pixels.shape == (700, 600, 3)


@pytest.mark.parametrize(
    "frame", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)]
)
def test_refuses_what_is_no_picture(frame):
    with pytest.raises(JaxcarError, match="uint8 RGB"):
        enlarge(frame, "start")


def test_colour_table_is_exact():
    rows = {row.rgb: row for row in colour_table(START, GOAL)}
    assert rows["(255, 200, 0)"].start == "8 px, rows 2-3, columns 5-8"
    assert rows["(255, 200, 0)"].goal == "absent"
    assert rows["(0, 255, 0)"][1:] == ("absent", "1 px, rows 8-8, columns 1-1")
    assert next(iter(rows)) == "(0, 0, 0)"
    noise = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    assert len(colour_table(noise, noise)) == 16


def test_subtasks_prompt_says_what_is_shown_and_asked():
    prompt = subtasks_prompt("Fetch the key.", START, GOAL)
    assert [picture.name for picture in prompt.pictures] == ["start", "goal"]
    for part in ("Fetch the key.", "16 rows by 12 columns", "```json", "snake_case"):
        assert part in prompt.text


def test_program_prompt_holds_the_brief():
    text = program_prompt(BRIEF).text
    for part in (
        "Fetch the key.",
        "1. `has_key`: The yellow key is gone.",
        "2. `at_goal`: The triangle stands on green.",
        "def has_key(frame, initial_frame):",
        "(16, 12, 3)",
        "| (255, 200, 0) | 8 px, rows 2-3, columns 5-8 | absent |",
        "NO LAMBDAS",
        "False on the first frame",
        "```python",
    ):
        assert part in text


def test_repair_prompts_repeat_the_brief_and_add_the_evidence():
    first = program_prompt(BRIEF).text
    brief = first[: first.index("# Answer")].rstrip()
    refused = diagnostics_prompt(BRIEF, "def has_key(frame):\n    pass\n", "error[JC101]: no").text
    assert refused.startswith(brief) and "error[JC101]: no" in refused
    assert "def has_key(frame):\n    pass\n```" in refused
    assert "could not be read" in diagnostics_prompt(BRIEF, "", "no block").text
    shown = [enlarge(START, "expert, step 3: False"), enlarge(GOAL, "expert, step 9: False")]
    prompt = verdict_prompt(BRIEF, "def has_key(frame): ...", ["never true"], shown)
    assert prompt.text.startswith(brief) and "- never true\n" in prompt.text
    assert "1. expert, step 3: False\n2. expert, step 9: False\n" in prompt.text
    assert len(prompt.pictures) == 4
    assert "pictures after" not in verdict_prompt(BRIEF, "x", ["never true"], []).text


def test_texts_are_not_templates():
    hostile = SubTaskText("a", "{{ 7 * 7 }} {% for x in y %}")
    prompt = program_prompt(BRIEF._replace(subtask=hostile, subtasks=(hostile,)))
    assert "{{ 7 * 7 }} {% for x in y %}" in prompt.text


def test_key_depends_on_all_that_is_shown():
    prompt = program_prompt(BRIEF)
    assert prompt.key == program_prompt(BRIEF).key
    darker = Picture("goal", prompt.pictures[1].pixels // 2)
    renamed = Picture("end", prompt.pictures[1].pixels)
    others = [
        prompt._replace(text=prompt.text + " "),
        prompt._replace(version="program/2"),
        prompt._replace(pictures=(prompt.pictures[0], darker)),
        prompt._replace(pictures=(prompt.pictures[0], renamed)),
        prompt._replace(pictures=prompt.pictures[::-1]),
    ]
    assert len({prompt.key, *(other.key for other in others)}) == 6
    flat = np.zeros((4, 2, 3), np.uint8)
    assert Picture("a", flat).sha256 != Picture("a", flat.reshape(2, 4, 3)).sha256
