"""The examples of all codes, in the order of the codes."""

from __future__ import annotations

from jaxcar.lang.examples.entry import ENTRY
from jaxcar.lang.examples.example import Example
from jaxcar.lang.examples.kinds import KINDS
from jaxcar.lang.examples.limits import LIMITS
from jaxcar.lang.examples.names import NAMES
from jaxcar.lang.examples.syntax import SYNTAX
from jaxcar.lang.examples.text import TEXT

EXAMPLES: dict[str, Example] = {**TEXT, **NAMES, **SYNTAX, **KINDS, **LIMITS, **ENTRY}
