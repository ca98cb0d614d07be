"""The examples in the docstrings of tasks and grid worlds run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import jaxcar.envs.grid
from jaxcar.envs import registry

MODULES = [
    "jaxcar.envs.registry",
    "jaxcar.envs.task",
    *(
        f"jaxcar.envs.grid.{module.name}"
        for module in pkgutil.iter_modules(jaxcar.envs.grid.__path__)
    ),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, monkeypatch):
    monkeypatch.setattr(registry, "_loaders", dict(registry._loaders))
    assert doctest.testmod(importlib.import_module(name)).failed == 0
