"""The version of jaxcar."""

__version__ = "0.1.0.dev0"
