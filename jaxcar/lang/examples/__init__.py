"""A program for every diagnostic code that yields it, and the same program mended."""

from jaxcar.lang.examples.example import Example
from jaxcar.lang.examples.table import EXAMPLES

__all__ = ["EXAMPLES", "Example"]
