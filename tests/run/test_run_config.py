"""Every configuration that ships constructs, and sizes that do not divide are refused."""

import dataclasses
import pathlib

import pytest

import jaxcar
from jaxcar.errors import ConfigError
from jaxcar.rl import PPOConfig
from jaxcar.run import schema
from jaxcar.run.config import EvaluateConfig, RewardConfig, RunConfig, TaskConfig, load_config

CONFIGS = sorted((pathlib.Path(__file__).parents[2] / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_constructs_and_survives_a_round_trip(path, tmp_path):
    config = load_config(path)
    assert jaxcar.make(config.task.id, **config.task.options).id == config.task.id
    assert config.out == f"runs/{path.stem}"
    copy = tmp_path / path.name
    copy.write_text(schema.to_yaml(config))
    assert schema.load(RunConfig, copy) == config


def test_there_are_configs():
    assert {"doorkey", "doorkey-6x6"} <= {path.stem for path in CONFIGS}


def test_files_are_relative_to_the_configuration(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("task: {id: x}\nprograms: [a.py]\nvlm: {replies: told}\n")
    config = load_config(path)
    assert config.programs == (str(tmp_path / "a.py"),)
    assert config.vlm.replies == str(tmp_path / "told")


def test_a_run_directory_gives_its_name_to_what_is_run_from_it(tmp_path):
    path = tmp_path / "first" / "config.yaml"
    path.parent.mkdir()
    path.write_text("task: {id: x}\n")
    assert load_config(path).out == "runs/first"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"evaluate": EvaluateConfig(every=9_000)}, ["evaluate.every", "multiple of 8000", "8000"]),
        ({"evaluate": EvaluateConfig(every=16_000)}, ["train.total_steps", "multiple of 16000"]),
        ({"seeds": 0}, ["seeds is too small", "at least 1"]),
        ({"arms": ()}, ["arms must name each arm once"]),
        ({"arms": ("sparse", "sparse")}, ["arms must name each arm once"]),
        ({"checkpoint_minutes": -1.0}, ["checkpoint_minutes is negative"]),
    ],
)
def test_settings_that_cannot_be_used_are_refused(changes, words):
    good = RunConfig(
        TaskConfig("x"),
        train=PPOConfig(total_steps=40_000, num_envs=64, rollout_length=125),
        evaluate=EvaluateConfig(every=8_000),
    )
    with pytest.raises(ConfigError) as caught:
        dataclasses.replace(good, **changes)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("stop_at", [0.0, 1.5, -1.0])
def test_a_stop_that_is_no_share_is_refused(stop_at):
    with pytest.raises(ConfigError, match="stop_at"):
        EvaluateConfig(stop_at=stop_at)


def test_only_arms_without_programs_need_none():
    sparse = RunConfig(TaskConfig("x"), arms=("sparse",))
    assert not sparse.needs_program
    assert RunConfig(TaskConfig("x")).needs_program
    seen = dataclasses.replace(sparse, reward=RewardConfig(observe_progress=True))
    assert seen.needs_program
