"""The resolver: one pass per concern, default-deny, every fault of a program reported at once."""

from __future__ import annotations

import ast
import itertools
from dataclasses import dataclass

from jaxcar.lang.annotations import without_annotations
from jaxcar.lang.calls import called_methods, check_recursion, names_used
from jaxcar.lang.classes import check_classes
from jaxcar.lang.constructs import check_constructs
from jaxcar.lang.diagnostic import Diagnostic, shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.forms import check_forms
from jaxcar.lang.handlers import check_handlers
from jaxcar.lang.imports import import_table, report_foreign
from jaxcar.lang.inert import without_inert
from jaxcar.lang.modules import program_body
from jaxcar.lang.names import check_names
from jaxcar.lang.patterns import check_patterns
from jaxcar.lang.private import rename_private
from jaxcar.lang.rules import Limits
from jaxcar.lang.scopes import Scope, Scopes, build_scopes
from jaxcar.lang.sizes import check_sizes
from jaxcar.lang.source import ProgramSource
from jaxcar.lang.state import check_state

__all__ = ["ResolvedModule", "called_methods", "called_names", "resolve"]

_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class ResolvedModule:
    """A program whose names are all known, or the reasons why not.

    Attributes:
        source: the program's text.
        tree: imports, functions, classes and constants. What is ignored is gone, and annotations
            with it, but for those of fields (`jaxcar.lang.annotations`, `jaxcar.lang.inert`).
        imports: alias to library path, such as `{"np": "numpy"}`, whichever scope imports it. A
            logger made by `logging.getLogger` at module level is an alias of "logging".
        functions: module-level functions by name; of two of one name, the later.
        classes: classes by name.
        constants: the module-level assignments to be evaluated, in order.
        diagnostics: errors and warnings, in source order.
    """

    source: ProgramSource
    tree: ast.Module
    imports: dict[str, str]
    functions: dict[str, ast.FunctionDef]
    classes: dict[str, ast.ClassDef]
    constants: tuple[ast.Assign, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics that refuse the program."""
        return tuple(found for found in self.diagnostics if found.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics that do not."""
        return tuple(found for found in self.diagnostics if found.severity == "warning")


def resolve(
    source: ProgramSource,
    tree: ast.Module,
    limits: Limits = _DEFAULT_LIMITS,
    host: frozenset[str] = frozenset(),
) -> ResolvedModule:
    r"""Check a parsed program against the rules of the language and sort its parts.

    Args:
        source: the program's text.
        tree: what `parse` made of it; it is left as it is.
        limits: bounds on constants, and on the program with every call written out.
        host: names that the caller provides, such as functions and the roots of dotted inputs:
            they count as defined unless the program defines them, and any attribute may be read
            of them and of what they may have led to.

    Returns:
        The parts of the program, and every fault found. Nothing is raised: a program with errors
        is for the caller to refuse.

    Example:
        >>> from jaxcar.lang.parse import parse
        >>> source = ProgramSource("import numpy as np\ndef done(frame): return np.amy(frame)")
        >>> [found.message for found in resolve(source, parse(source)).errors]
        ['`numpy` has no `amy` in the language']
    """
    findings = Findings(source)
    tree = program_body(without_inert(without_annotations(tree), findings), findings)
    scopes = build_scopes(tree)
    imports = import_table(scopes, findings)
    _check(tree, scopes, findings, limits, host)
    rename_private(tree)
    return ResolvedModule(
        source=source,
        tree=tree,
        imports=imports,
        functions={node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)},
        classes={node.name: node for node in tree.body if isinstance(node, ast.ClassDef)},
        constants=_constants(tree, scopes[tree]),
        diagnostics=findings.sorted(),
    )


def _check(
    tree: ast.Module, scopes: Scopes, findings: Findings, limits: Limits, host: frozenset[str]
) -> None:
    check_constructs(tree, findings, limits)
    check_patterns(tree, findings)
    for check in (check_forms, check_classes, check_handlers, check_state, check_recursion):
        check(tree, scopes, findings)
    check_sizes(tree, scopes, findings, limits)
    report_foreign(scopes, check_names(tree, scopes, findings, host), findings)
    _check_redefinitions(scopes, findings)


def called_names(module: ResolvedModule) -> frozenset[str]:
    """Return the module-level names that the program itself uses.

    Args:
        module: a resolved program.

    Returns:
        The names of functions, classes, constants and imports that functions, methods, defaults
        and constants refer to; a function that is not among them may be an entry.
    """
    return names_used(module.tree)


def _check_redefinitions(scopes: Scopes, findings: Findings) -> None:
    for scope in scopes.values():
        if scope.kind not in ("module", "class"):
            continue
        for name, bindings in scope.names.items():
            definitions = [x.node for x in bindings if x.kind in ("function", "class")]
            others = [x for x in bindings if x.kind == "variable"]
            if definitions and others:
                findings.report(
                    "JC213",
                    f"the name `{shortened(name)}` stands for two different things",
                    others[0].node,
                    labels=[(definitions[0], "first here")],
                    fix="give one of them another name",
                )
            for earlier, later in itertools.pairwise(definitions):
                if _completes_a_property(later):
                    continue
                findings.report(
                    "JC214",
                    f"the definition of `{shortened(name)}` is replaced by a later one",
                    earlier,
                    labels=[(later, "the later one")],
                    fix="remove it, or give it a name of its own",
                    severity="warning",
                )


def _completes_a_property(node: ast.AST) -> bool:
    """Return whether a method is decorated as `@x.setter` is: it does not replace `x`."""
    return any(
        isinstance(x, ast.Attribute) and x.attr in ("setter", "deleter", "getter")
        for x in getattr(node, "decorator_list", ())
    )


def _constants(tree: ast.Module, module: Scope) -> tuple[ast.Assign, ...]:
    """Return the module-level assignments, but for loggers and typing aliases."""
    special = {
        binding.node
        for bindings in module.names.values()
        for binding in bindings
        if binding.kind in ("import", "typing")
    }
    assignments = [node for node in tree.body if isinstance(node, ast.Assign)]
    return tuple(node for node in assignments if node.value not in special)
