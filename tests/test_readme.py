"""The README is true: its example runs, its commands exist, its files are there."""

import pathlib
import re

import pytest

from jaxcar.cli import main

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_library_example_runs(capsys):
    example, interface = blocks("python")
    assert "total_steps=160_000" in example
    names = {}
    # Two updates are enough to run every line; learning is the demo's business.
    exec(compile(example.replace("160_000", "16_000"), "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith("True\n")
    assert names["result"].metrics.success.shape == (4, 2)
    state = names["env"].reset(names["jax"].random.key(2))[1]
    names["frame"] = names["task"].render(state.task_state, names["task"].params)
    exec(compile(interface, "README.md", "exec"), names)
    assert names["out"].completed.tolist() == [False, False]


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`jaxcar (\w+)", README))))
def test_commands_exist(command, capsys):
    assert main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^    make (\S+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile
