"""Every name that OpenCV has is known: what the language lacks of it is refused as such."""

import types

import cv2
import pytest
from test_error_files import diagnose

from jaxcar.lang import rules
from jaxcar.lang.opencv_rest import is_like_constant, is_of_opencv, is_outside

TABLES = (rules.LIBRARY, rules.LIBRARY_NOT_YET, rules.LIBRARY_NEVER)


def test_every_function_and_constant():
    for name in dir(cv2):
        value = getattr(cv2, name)
        if name.startswith("_") or not isinstance(value, (types.BuiltinFunctionType, int, float)):
            continue
        listed = any(f"cv2.{name}" in table for table in TABLES)
        alike = isinstance(value, (int, float)) and is_like_constant(name)
        assert listed != (is_of_opencv(name) or is_outside(name)) or alike, name


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("fitEllipse", "JC203", "`cv2.fitEllipse` is not supported yet"),
        ("matchShapes", "JC203", "`cv2.matchShapes` is not supported yet"),
        ("fitLine", "JC203", "`cv2.fitLine` is not supported yet"),
        ("HISTCMP_INTERSECT", "JC203", "not supported yet"),
        ("pollKey", "JC206", "is not part of the language"),
        ("contourarea", "JC202", "has no `contourarea`"),
        ("COLOR_BGR2HVS", "JC202", "has no `COLOR_BGR2HVS`"),
    ],
)
def test_refusals(name, code, words):
    found = diagnose(f"import cv2\ndef f(frame):\n    return bool(cv2.{name})\n")
    assert [(d.code, words in d.message) for d in found] == [(code, True)]
