"""Published reward programs that language models wrote: where they are and how they are called.

Each suite is read from a folder of checkouts; the text of a program is never changed. A suite's own
runner executes a program in a namespace that holds some names already (`np`, `cdist`): those that
the program uses and does not import are imported in front of it, as that runner does.
"""

from __future__ import annotations

import ast
import builtins
import csv
import hashlib
import pathlib
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Published(NamedTuple):
    """One program as it was published.

    Attributes:
        suite: a key of `SUITES`.
        place: the file in the folder, and the row or definition in it.
        text: the program's own text.
        task: what decides the shapes of its inputs: an environment's id, or "".
        entry: the name of the reward function, or None for a class.
    """

    suite: str
    place: str
    text: str
    task: str
    entry: str | None

    @property
    def tree(self) -> ast.Module | None:
        """Return the syntax tree, or None where the text is not Python."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError):
            return None

    @property
    def imports(self) -> tuple[str, ...]:
        """Return the imports, a line each, that the suite's runner provides for this program."""
        used = set() if self.tree is None else free_names(self.tree)
        return tuple(f"{PROVIDED[name]}\n" for name in PROVIDED if name in used)

    @property
    def source(self) -> str:
        """Return the text behind these imports."""
        return "".join(self.imports) + self.text

    @property
    def key(self) -> str:
        """Return a digest that formatting, comments and docstrings leave as it is."""
        tree = self.tree
        text = self.text if tree is None else ast.unparse(_without_docstrings(tree))
        return hashlib.sha256(f"{self.suite}\n{self.task}\n{text}".encode()).hexdigest()[:16]


# What the runners of Text2Reward (run_*/sac.py) and VIRAL (GenCode.py) put into the namespace, and
# what RoboGen's template imports; their own functions are inputs, see `host_interface`.
PROVIDED = {
    "np": "import numpy as np",
    "cdist": "from scipy.spatial.distance import cdist",
}


def free_names(tree: ast.AST) -> set[str]:
    """Return the names that a program reads but neither defines nor imports; no builtins."""
    bound: set[str] = set(dir(builtins))
    loaded: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(name.asname or name.name).partition(".")[0] for name in node.names}
    return loaded - bound


def uses_randomness(tree: ast.AST) -> bool:
    """Tell whether a program draws random numbers, from NumPy or from `random`."""
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        module
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for module in (getattr(node, "module", None), *(name.name for name in node.names))
    }
    return bool(imported & {"random", "numpy.random"}) or any(
        re.match(r"(np|numpy)\.random\b", name) for name in names
    )


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1 and _is_text(body[0]):
            del body[0]
    return tree


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _files(folder: pathlib.Path, *patterns: str) -> list[pathlib.Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern)})


def _whole_files(suite: str, entry: str | None, *patterns: str) -> Callable[..., Iterator]:
    """Return a reader of programs that are files of their own."""

    def read(folder: pathlib.Path) -> Iterator[Published]:
        for path in _files(folder, *patterns):
            place, text = str(path.relative_to(folder)), path.read_text()
            if "def " in text:
                yield Published(suite, place, text, _task(place), entry)

    return read


def _task(place: str) -> str:
    return "metaworld" if "metaworld" in place else "maniskill"


def _robogen(folder: pathlib.Path) -> Iterator[Published]:
    """Read the model's functions out of the class template that RoboGen put around them."""
    for path in _files(folder, "RoboGen/example_tasks/**/*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name == "_compute_reward":
                lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
                place = f"{path.relative_to(folder)}:{node.lineno}"
                body = textwrap.dedent("\n".join(lines)) + "\n"
                yield Published("RoboGen", place, body, "robogen", node.name)


def _viral(folder: pathlib.Path) -> Iterator[Published]:
    """Read every function in VIRAL's logs; rows that a broken quotation tore apart are left out."""
    csv.field_size_limit(sys.maxsize)
    for path in _files(folder, "VIRAL/**/*.csv"):
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            for i, row in enumerate(csv.DictReader(lines, delimiter=";")):
                text = (row.get("reward_function") or "").strip()
                task = row.get("env") or "".join(re.findall(r"function for ([\w/-]+)", text)[:1])
                if "def " in text and re.fullmatch(r"[\w/-]+-v\d", task):
                    place = f"{path.relative_to(folder)}#{i + 1}"
                    yield Published("VIRAL", place, text + "\n", task, _first_function(text))


def _first_function(text: str) -> str:
    return re.findall(r"def +(\w+)", text)[0]


SUITES: dict[str, Callable[[pathlib.Path], Iterator[Published]]] = {
    "Text2Reward": _whole_files(
        "Text2Reward", "compute_dense_reward", "text2reward/run_*/reward_code/**/*.py"
    ),
    "RoboGen": _robogen,
    "VIRAL": _viral,
    "Text2Reward, by hand": _whole_files(
        "Text2Reward, by hand",
        "compute_dense_reward",
        "text2reward/code_generation/gold_reward_rewrite/*.py",
    ),
    "VLM-CaR": _whole_files("VLM-CaR", None, "vlm-car/verification_pipeline/GPT_scripts/*.py"),
}


def read(folder: pathlib.Path) -> list[Published]:
    """Return every published program under a folder, in the order of `SUITES`."""
    return [program for reader in SUITES.values() for program in reader(folder)]
