"""YAML to frozen dataclasses, strictly: unknown keys and wrong types are refused, with the line."""

from __future__ import annotations

import dataclasses
import difflib
import pathlib
import types
import typing
from typing import Any, TypeVar

import yaml

from jaxcar.errors import ConfigError, JaxcarError

T = TypeVar("T")
_SCALARS = {bool: "true or false", int: "an integer", float: "a number", str: "a text"}


def load(kind: type[T], path: str | pathlib.Path) -> T:
    """Read one YAML file as an instance of a frozen dataclass.

    Args:
        kind: the dataclass; its fields may be scalars, `Literal`s, unions, `tuple[X, ...]`,
            `dict[str, X]` and further dataclasses. A field that the file leaves out keeps its
            default.
        path: the file.

    Returns:
        The instance.

    Raises:
        ConfigError: the file cannot be read, is not YAML, has a key that the dataclass has not,
            lacks a required one, or a value of the wrong type; the message names file and line.
    """
    text = read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(
            "the configuration is not valid YAML", where=f"{path}{line}", got=error.problem
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(
            "the configuration is not valid YAML", where=path, got=str(error)
        ) from None
    if node is None:
        raise ConfigError("the configuration is empty", where=path, expected="keys and values")
    return _Reader(str(path)).dataclass(kind, node, "")


def read_text(path: str | pathlib.Path) -> str:
    """Read a text file, or say plainly why it cannot be read.

    Args:
        path: the file.

    Returns:
        Its text.

    Raises:
        ConfigError: it does not exist, is a folder, may not be read, or is not UTF-8.
    """
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("no such file", where=path, fix="check the path") from None
    except UnicodeDecodeError:
        raise ConfigError("the file is not text", where=path, expected="UTF-8 text") from None
    except OSError as error:
        raise ConfigError("the file cannot be read", where=path, got=error.strerror) from None


def plain(config: Any) -> Any:
    """Turn a dataclass into dicts, lists and scalars that YAML and JSON can write.

    Args:
        config: a dataclass instance, or a value of one of its fields.

    Returns:
        The same data; tuples become lists.
    """
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {f.name: plain(getattr(config, f.name)) for f in dataclasses.fields(config)}
    if isinstance(config, dict):
        return {key: plain(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [plain(value) for value in config]
    return config


def to_yaml(config: Any) -> str:
    """Write a dataclass as the YAML that `load` reads back to an equal one."""
    return yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True)


class _Reader:
    """Reads the nodes of one file; methods take the type, the node and the key's full name."""

    def __init__(self, path: str) -> None:
        self.path = path

    def dataclass(self, kind: type[T], node: yaml.Node, key: str) -> T:
        hints = typing.get_type_hints(kind)
        fields = {f.name: hints[f.name] for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
        values = {
            name: self.value(fields[name], child, _join(key, name))
            for name, child in self.items(node, key, tuple(fields))
        }
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            has_default = (
                field.default is not dataclasses.MISSING
                or field.default_factory is not dataclasses.MISSING
            )
            if field.name not in values and not has_default:
                raise ConfigError(
                    f"the key {_join(key, field.name)!r} is missing",
                    where=self.place(node),
                    expected=_describe(fields[field.name]),
                )
        try:
            return kind(**values)
        except JaxcarError as error:
            raise ConfigError(f"{error}\n  where: {self.place(node)}") from None
        except ValueError as error:
            raise ConfigError(str(error), where=self.place(node)) from None

    def items(
        self, node: yaml.Node, key: str, known: tuple[str, ...] | None
    ) -> list[tuple[str, yaml.Node]]:
        """The pairs of a mapping; `known` are the keys it may have, None for any."""
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(node, key, "keys and values")
        pairs: dict[str, yaml.Node] = {}
        for key_node, child in node.value:
            name = str(key_node.value)
            if known is not None and name not in known:
                raise self.unknown(key_node, _join(key, name), name, known)
            if name in pairs:
                raise ConfigError(
                    f"the key {_join(key, name)!r} is given twice", where=self.place(key_node)
                )
            pairs[name] = child
        return list(pairs.items())

    def value(self, kind: Any, node: yaml.Node, key: str) -> Any:
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if dataclasses.is_dataclass(kind):
            return self.dataclass(typing.cast(type, kind), node, key)
        if origin is tuple:
            return self.sequence(args[0], node, key)
        if origin is dict:
            return {
                name: self.value(args[1], child, _join(key, name))
                for name, child in self.items(node, key, None)
            }
        if origin in (typing.Union, types.UnionType):
            return self.union(kind, args, node, key)
        if origin is typing.Literal:
            found = self.scalar(node, key, _describe(kind))
            if any(found == choice and type(found) is type(choice) for choice in args):
                return found
            raise self.wrong(node, key, _describe(kind))
        return self.typed(kind, node, key)

    def sequence(self, kind: Any, node: yaml.Node, key: str) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.wrong(node, key, f"a list of {_describe(kind)}")
        return tuple(
            self.value(kind, child, f"{key}[{index}]") for index, child in enumerate(node.value)
        )

    def union(self, kind: Any, args: tuple[Any, ...], node: yaml.Node, key: str) -> Any:
        for choice in args:
            try:
                return self.value(choice, node, key)
            except ConfigError:
                continue
        raise self.wrong(node, key, _describe(kind))

    def typed(self, kind: type, node: yaml.Node, key: str) -> Any:
        expected = _describe(kind)
        found = self.scalar(node, key, expected)
        if kind is float:
            return self.number(found, node, key)
        if type(found) is not kind:
            raise self.wrong(node, key, expected)
        return found

    def number(self, found: Any, node: yaml.Node, key: str) -> float:
        """A float: YAML 1.1 reads an unquoted 3e-4 as text, which nobody means."""
        if isinstance(found, str) and isinstance(node, yaml.ScalarNode) and node.style is None:
            try:
                return float(found)
            except ValueError:
                raise self.wrong(node, key, "a number") from None
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong(node, key, "a number")
        return float(found)

    def scalar(self, node: yaml.Node, key: str, expected: str) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.wrong(node, key, expected)
        try:
            return yaml.SafeLoader("").construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError):  # an unknown tag, or such as a 31st of June
            raise self.wrong(node, key, expected) from None

    def place(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

    def wrong(self, node: yaml.Node, key: str, expected: str) -> ConfigError:
        names: dict[type[yaml.Node], str] = {
            yaml.MappingNode: "keys and values",
            yaml.SequenceNode: "a list",
        }
        got = names.get(type(node)) or repr(node.value)
        message = f"{key!r} has the wrong type" if key else "the configuration has no keys"
        return ConfigError(message, where=self.place(node), got=got, expected=expected)

    def unknown(self, node: yaml.Node, full: str, name: str, known: tuple[str, ...]) -> ConfigError:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        return ConfigError(
            f"unknown key {full!r}",
            where=self.place(node),
            expected=f"one of {', '.join(known)}",
            fix=f"did you mean {near[0]!r}?" if near else "remove it",
        )


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _describe(kind: Any) -> str:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is type(None):
        return "null"
    if origin is typing.Literal:
        return " | ".join(str(choice) for choice in args)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_describe(choice) for choice in args)
    if origin is tuple:
        return f"a list of {_describe(args[0])}"
    if origin is dict or dataclasses.is_dataclass(kind):
        return "keys and values"
    return _SCALARS.get(kind, str(kind))
