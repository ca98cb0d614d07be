"""YAML files become dataclasses, or a message with the file's line."""

import dataclasses
from typing import Literal

import pytest

from jaxcar.errors import ConfigError
from jaxcar.run import schema


@dataclasses.dataclass(frozen=True)
class Inner:
    rate: float = 0.1
    widths: tuple[int, ...] = (64, 64)


@dataclasses.dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner = dataclasses.field(default_factory=Inner)
    mode: Literal["raw", "potential"] = "raw"
    stop_at: float | None = None
    weights: float | tuple[float, ...] = 0.25
    options: dict[str, bool | int | float | str] = dataclasses.field(default_factory=dict)
    seeds: int = 4
    flag: bool = False


def load(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return schema.load(Outer, path)


def test_reads_every_kind_of_field(tmp_path):
    text = """
name: demo
inner: {rate: 3e-4, widths: [8]}
mode: potential
stop_at: 0.95
weights: [0.5, 1]
options: {tile_size: 8, highlight: false, observation: full}
seeds: 1_000
flag: true
"""
    assert load(tmp_path, text) == Outer(
        "demo",
        Inner(3e-4, (8,)),
        "potential",
        0.95,
        (0.5, 1.0),
        {"tile_size": 8, "highlight": False, "observation": "full"},
        1000,
        True,
    )


def test_what_is_written_reads_back_equal(tmp_path):
    config = Outer("x", Inner(1e-7, ()), stop_at=None, options={"a": "7", "b": 7})
    assert load(tmp_path, schema.to_yaml(config)) == config


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x\nsedes: 3", ["unknown key 'sedes'", "config.yaml:2", "did you mean 'seeds'?"]),
        ("name: x\ninner:\n  rates: 1", ["unknown key 'inner.rates'", "config.yaml:3", "'rate'"]),
        ("name: x\nseeds: 1.5", ["'seeds' has the wrong type", ":2", "1.5", "an integer"]),
        ("name: x\nseeds: true", ["'seeds' has the wrong type", "an integer"]),
        ("name: 7", ["'name' has the wrong type", "a text"]),
        ("name: x\nflag: 1", ["'flag' has the wrong type", "true or false"]),
        ("name: x\nmode: rew", ["'mode' has the wrong type", "raw | potential"]),
        ("name: x\nstop_at: soon", ["'stop_at' has the wrong type", "a number or null"]),
        ("name: x\ninner: 3", ["'inner' has the wrong type", "keys and values"]),
        ("name: x\ninner: {widths: [1, x]}", ["'inner.widths[1]' has the wrong type"]),
        ("name: x\nname: y", ["'name' is given twice", ":2"]),
        ("seeds: 3", ["'name' is missing", "a text"]),
        ("name: [", ["not valid YAML", "config.yaml:1"]),
        ("name: x\n\tseeds: 3", ["not valid YAML", "config.yaml:2"]),
        ("", ["empty"]),
        ("- a", ["no keys"]),
        ("name: !!python/object:os.system x", ["'name' has the wrong type", "a text"]),
        ("name: 2025-02-31", ["'name' has the wrong type", "a text"]),
    ],
)
def test_bad_files_are_refused_in_words(tmp_path, text, words):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    for word in words:
        assert word in str(caught.value)


def test_unreadable_files_are_refused_in_words(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        schema.load(Outer, tmp_path / "missing.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        schema.load(Outer, tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not text"):
        schema.load(Outer, tmp_path / "binary")
