import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxcar.errors import ReplyError
from jaxcar.vlm.prompts import SubTaskText
from jaxcar.vlm.replies import extract_program, extract_subtasks, fenced_blocks

PROGRAM = "import numpy as np\n\ndef done(frame):\n    return bool(np.any(frame))\n"
LISTED = '[{"name": "has_key", "text": "The key is gone."}, {"name": "at_goal", "text": "Done."}]'
SUBTASKS = (SubTaskText("has_key", "The key is gone."), SubTaskText("at_goal", "Done."))


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{PROGRAM}```",
        f"I see it.\n\n```python\n{PROGRAM}```\nThat is all.",
        f"```Python title=x\n{PROGRAM}\n\n```",
        f"~~~py\n{PROGRAM}~~~",
        f"```\n{PROGRAM}```",
        f"````python\n{PROGRAM}````",
        PROGRAM,
        f"Sure, from the picture:\n{PROGRAM}",
        f"```python\n{PROGRAM}```".replace("\n", "\r\n"),
        f"```python\n{PROGRAM}```".replace("\n", "\r"),
        "1. So:\n   ```python\n" + "".join(f"   {x}\n" for x in PROGRAM.splitlines()) + "   ```",
        f"```python\nx = old()\n```\nor\n```python\n{PROGRAM}```\nand\n```python\ndone(f)\n```",
        f"```python\ndef done(frame):\n    return False\n```\nBetter:\n```python\n{PROGRAM}```",
        f"```bash\npip install numpy\n```\n```python\n{PROGRAM}```\n```json\n[]\n```",
        f"```\ndef other(frame): ...\n```\n```python\n{PROGRAM}```",
    ],
)
def test_program_is_found(reply):
    assert extract_program(reply) == PROGRAM


def test_fence_inside_a_longer_fence_is_text():
    text = 'def done(frame):\n    """\n```\n    """\n    return True\n'
    assert extract_program(f"````python\n{text}````") == text


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("", "holds no program"),
        ("I cannot see a picture.", "holds no program"),
        ("```python\nprint('hi')\n```", "1 of Python, no function"),
        ("```javascript\nfunction done() {}\n```", "0 of Python"),
        (f"```python\n{PROGRAM}", "cut off"),
        ("```python\ndef done(frame):\n    return '\x00'\n```", r"NUL[\s\S]*line 2"),
        ("```python\ndef done(frame):\n    return '\ud800'\n```", "Unicode"),
        ("```python\ndef f():\n" + "    x = 1\n" * 30_000 + "```", "too long"),
    ],
)
def test_reply_without_a_program_is_refused(reply, message):
    with pytest.raises(ReplyError, match=message):
        extract_program(reply)


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{LISTED}\n```",
        f"```json\r\n{LISTED}\r\n```\r\n",
        f"```\n{LISTED}\n```",
        f"I would say {LISTED} so.",
        f'```json\n{{"draft": 1}}\n```\nfinally\n```json\n{LISTED}\n```',
        '```json\n[{"name": "has_key", "text": " The key\\n is gone.", "why": 1},'
        ' {"name": "at_goal", "text": "Done."}]\n```',
    ],
)
def test_subtasks_are_found(reply):
    assert extract_subtasks(reply) == SUBTASKS


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("", "not JSON"),
        ("none", "not JSON"),
        ("```json\n[{\n```", "not JSON"),
        ("```json\n{}\n```", "a dict, not a list"),
        ("```json\n[]\n```", "not a list of 1 to"),
        ("```json\n[3]\n```", "item 1 is a int"),
        ('```json\n[{"name": "Has Key", "text": "x"}]\n```', "'Has Key', not a snake_case"),
        ('```json\n[{"name": "a", "text": ""}]\n```', "item 1 has no text"),
        ('```json\n[{"name": "a", "text": "x"}, {"name": "a", "text": "y"}]\n```', "twice"),
        ("```json\n" + "[" * 100_000 + "\n```", "not JSON"),
        ("```json\n[" + "1," * 200_000 + "1]\n```", "too long"),
        ('```json\n[{"name": "a", "text": "\\ud800"}]\n```', "Unicode"),
        ('```json\n[{"name": "a", "text": "\\u0000"}]\n```', "NUL"),
    ],
)
def test_reply_without_subtasks_is_refused(reply, message):
    with pytest.raises(ReplyError, match=message):
        extract_subtasks(reply)


@pytest.mark.parametrize("filler", ["x" * 9 + "\n", "`" * 9 + "\n", "```python\n", "[{", "a"])
def test_ten_megabytes_are_refused(filler):
    """A scan that is not linear in the reply's length would not end."""
    reply = filler * (10_000_000 // len(filler))
    with pytest.raises(ReplyError):
        extract_program(reply)
    with pytest.raises(ReplyError):
        extract_subtasks(reply)


@given(
    st.text(st.characters(codec=None), max_size=300)
    | st.text('`~\n\r pythondef():[]{}"', max_size=300)
)
def test_any_text_is_read_or_refused(text):
    for extract in (extract_program, extract_subtasks):
        with contextlib.suppress(ReplyError):
            extract(text)
    assert all(isinstance(block.text, str) for block in fenced_blocks(text))
