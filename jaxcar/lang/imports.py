"""The import table: which alias names which library path, and which imports are outside."""

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import EXCEPTIONS, IMPORTS, LIBRARY, LIBRARY_NEVER, LIBRARY_NOT_YET
from jaxcar.lang.scopes import Binding, Scope, Scopes
from jaxcar.lang.vision_names import INSTEAD, MODULE

_ARRAYS = "write it with numpy: the program is compiled to JAX as it is"
_GIVEN = "leave it out: a reward gets all it needs as arguments"
# What to write in place of a package from outside, where "use numpy" would not help.
_INSTEAD = {
    **dict.fromkeys(("jax", "torch", "tensorflow", "flax", "numba"), _ARRAYS),
    **dict.fromkeys(("os", "sys", "io", "pathlib", "json", "pickle", "gym", "gymnasium"), _GIVEN),
    **dict.fromkeys(
        ("random", "secrets", "uuid"), "leave it out: the same frames must give the same reward"
    ),
    **dict.fromkeys(
        ("time", "datetime"), "leave out the clock: count steps in an attribute of `self`"
    ),
    "jaxcar": "import from its one module: from jaxcar.vision.host import blobs, largest",
    "copy": "write x.copy()",
    "statistics": "use np.mean, np.median or np.std: float(np.mean(values))",
    "heapq": "keep a list: xs.append(x), then x = min(xs) and xs.remove(x)",
    "bisect": "use np.searchsorted, or count: sum(x < value for x in xs)",
}

# Packages that hold a module of the language are named on the way to it: `import scipy.spatial...`.
PACKAGES = frozenset(
    ".".join(path.split(".")[:length])
    for path in IMPORTS
    for length in range(1, path.count(".") + 1)
)


def is_foreign(path: str) -> bool:
    """Return whether a dotted path leads outside the modules of the language.

    Example:
        >>> is_foreign("torch.nn"), is_foreign("numpy.linalg.norm"), is_foreign("scipy.stats")
        (True, False, True)
    """
    parts = path.split(".")
    prefixes = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return not (prefixes & IMPORTS or path in PACKAGES)


def names_in(module: str) -> set[str]:
    """Return what a program can use of a module: types for annotations only where all are such.

    Example:
        >>> "sqrt" in names_in("math"), "Blob" in names_in("jaxcar.vision.host")
        (True, False)
    """
    start = f"{module}."
    entries = {
        path.removeprefix(start): LIBRARY[path] for path in LIBRARY if path.startswith(start)
    }
    used = {name for name, entry in entries.items() if entry.kind != "typing"}
    return used or set(entries)


def instead_of(module: str, name: str) -> str | None:
    """Return what to write for a name that a module does not have, where that is known."""
    return INSTEAD.get(name) if module == MODULE else None


def import_table(scopes: Scopes, findings: Findings) -> dict[str, str]:
    """Return every alias of a program with the path that it names.

    One alias names one thing in the whole program, whichever scope imports it.

    Args:
        scopes: from `build_scopes`.
        findings: where to report an alias that stands for two things, and star imports.

    Returns:
        A table such as `{"np": "numpy", "norm": "numpy.linalg.norm"}`.
    """
    table: dict[str, Binding] = {}
    module = next(scope for scope in scopes.values() if scope.kind == "module")
    for scope in scopes.values():
        for name, bindings in scope.names.items():
            for binding in bindings:
                if binding.kind == "import":
                    _check_import(name, binding, findings)
                    _enter(name, binding, table, findings)
            clash = _clash(bindings) or (
                scope is not module and _clash_outside(name, bindings, module)
            )
            if clash:
                _report_clash(name, *clash, findings)
    return {name: binding.path for name, binding in table.items()}


def report_foreign(scopes: Scopes, used: dict[ast.AST, ast.AST], findings: Findings) -> None:
    """Report the imports from outside the language: an error where used, a warning where not.

    Args:
        scopes: from `build_scopes`.
        used: for each import that is used, its first use.
        findings: where to report.
    """
    for scope in scopes.values():
        for name, bindings in scope.names.items():
            for binding in bindings:
                if binding.kind == "import" and is_foreign(binding.path):
                    _report_foreign(name, binding, used.get(binding.node), findings)


def _report_foreign(name: str, binding: Binding, use: ast.AST | None, findings: Findings) -> None:
    path = shortened(binding.path)
    if use is None:
        findings.report(
            "JC205",
            f"`{path}` is outside the language; it is not used, and ignored",
            binding.node,
            fix="remove the import",
            severity="warning",
        )
        return
    roots, root = {module.partition(".")[0] for module in IMPORTS}, binding.path.partition(".")[0]
    findings.report(
        "JC204",
        f"`{path}` is imported and used, but it is outside the language",
        binding.node,
        labels=[(use, f"`{shortened(name)}` is used here")],
        fix=_INSTEAD.get(root)
        or findings.did_you_mean(root, lambda: roots)
        or "use numpy, math or cv2 instead",
    )


def _check_import(name: str, binding: Binding, findings: Findings) -> None:
    path = binding.path
    if name == "*":
        findings.report(
            "JC204",
            "`import *` is not part of the language",
            binding.node,
            fix="import the module, or each name",
        )
        return
    if is_foreign(path) or path in IMPORTS or path in PACKAGES:
        return
    if any(path in table for table in (LIBRARY, LIBRARY_NOT_YET, LIBRARY_NEVER, EXCEPTIONS)):
        return
    parent, _, last = path.rpartition(".")
    if parent in IMPORTS and not path.startswith(("typing", "numpy.typing", "collections.abc")):
        findings.report(
            "JC202",
            f"`{parent}` has no `{shortened(last)}` in the language",
            binding.node,
            fix=instead_of(parent, last)
            or findings.did_you_mean(last, lambda: names_in(parent))
            or "leave it out",
        )


def _enter(name: str, binding: Binding, table: dict[str, Binding], findings: Findings) -> None:
    other = table.setdefault(name, binding)
    if other.path != binding.path:
        _report_clash(name, other, binding, findings)


def _clash(bindings: list[Binding]) -> tuple[Binding, Binding] | None:
    """Return two bindings in one scope of which just one is an import or a class."""
    for kind in ("import", "class", "self"):
        of_kind = [binding for binding in bindings if binding.kind == kind]
        others = [binding for binding in bindings if binding.kind != kind]
        if of_kind and others:
            return of_kind[0], others[0]
    return None


def _clash_outside(
    name: str, bindings: list[Binding], module: Scope
) -> tuple[Binding, Binding] | None:
    """Return an import inside a function and what the same name stands for at module level."""
    outside = module.names.get(name, [])
    inside = next((binding for binding in bindings if binding.kind == "import"), None)
    other = next((binding for binding in outside if binding.kind != "import"), None)
    return (other, inside) if inside is not None and other is not None else None


def _report_clash(name: str, first: Binding, second: Binding, findings: Findings) -> None:
    findings.report(
        "JC213",
        f"the name `{shortened(name)}` stands for two different things",
        second.node,
        labels=[(first.node, "first here")],
        fix="give one of them another name",
    )
