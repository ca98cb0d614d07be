"""Inputs of reward programs in files: pictures, and named numbers and arrays."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from jaxcar.errors import ConfigError
from jaxcar.run.schema import read_text


def read_picture(path: str) -> Any:
    """Read a picture as u8[H, W, 3].

    Raises:
        ConfigError: it cannot be read, or is no picture.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except FileNotFoundError:
        raise ConfigError("no such file", where=path, fix="check the path") from None
    except UnidentifiedImageError:
        raise ConfigError("the file is no picture", where=path, expected="a PNG") from None
    except (OSError, SyntaxError) as error:  # Pillow's word for a broken PNG
        raise ConfigError("the picture cannot be read", where=path, got=error) from None


def read_inputs(path: str) -> list[dict[str, Any]]:
    """Read named inputs: the arrays of an .npz file, or JSON.

    JSON integers are int64, other numbers float64, true and false bool; null is an argument that is
    always None. A list of objects has the inputs of one step in each.

    Raises:
        ConfigError: it cannot be read, or holds something else.
    """
    if path.endswith(".npz"):
        return [_read_arrays(path)]
    try:
        data = json.loads(read_text(path))
    except ValueError as error:
        expected = "an object: input name to number or list; or an .npz file"
        raise ConfigError("not valid JSON", where=path, got=error, expected=expected) from None
    steps = data if isinstance(data, list) else [data]
    if not steps or not all(isinstance(step, dict) and step for step in steps):
        raise ConfigError(
            "the inputs have no names",
            where=path,
            expected='an object such as {"agent_pos": [1, 2]}, or a list of them, one a step',
        )
    return [{name: _array(path, name, value) for name, value in step.items()} for step in steps]


def _read_arrays(path: str) -> dict[str, Any]:
    import numpy as np

    try:
        with np.load(path) as archive:
            found = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise ConfigError("no such file", where=path, fix="check the path") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, AttributeError):
        raise ConfigError("not an .npz file of arrays", where=path, expected="np.savez") from None
    return {name: _numbers(path, name, array) for name, array in found.items()}


def _array(path: str, name: str, value: Any) -> Any:
    import numpy as np

    if value is None:
        return None
    try:
        return _numbers(path, name, np.asarray(value))
    except (ValueError, OverflowError):
        raise ConfigError(
            "an input is no array", where=f"{path}: {name}", expected="lists of one length"
        ) from None


def _numbers(path: str, name: str, array: Any) -> Any:
    if array.dtype.kind not in "biuf" or (path.endswith(".json") and array.dtype == "uint64"):
        raise ConfigError(
            "an input is not numbers",
            where=f"{path}: {name}",
            got=array.dtype.name,
            expected="numbers, true or false, or lists of them",
        )
    return array
