"""Every node of the tree is accepted by name, or refused: now, or for good."""

from __future__ import annotations

import ast

from jaxcar.lang.findings import Findings
from jaxcar.lang.generators import check_yields
from jaxcar.lang.rules import NEVER, NODES, NOT_YET, Limits, NodeRule

_OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)  # they have no place of their own
# Operators are looked at with the expression they stand in; patterns are another pass's concern.
_SKIPPED = (*_OPERATORS, ast.expr_context, ast.pattern)
_STARRED_IN = (ast.Call, ast.Tuple, ast.List, ast.Set, ast.ClassDef)
_UNKNOWN = NodeRule("this construct", "write it with the constructs of the language")


def check_constructs(tree: ast.Module, findings: Findings, limits: Limits) -> None:
    """Report every construct and constant outside the language.

    Args:
        tree: the program, without annotations.
        findings: where to report.
        limits: bounds on constants.
    """
    check_yields(tree, findings)
    for node in ast.walk(tree):
        if isinstance(node, _SKIPPED):
            continue
        _check_node(node, node, findings)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _OPERATORS):
                _check_node(child, node, findings)
            elif isinstance(child, ast.Starred) and not isinstance(node, _STARRED_IN):
                _misplaced_star(child, findings)
        _CHECKS.get(type(node), _accept)(node, findings, limits)


def _check_node(node: ast.AST, place: ast.AST, findings: Findings) -> None:
    """Accept or refuse a node by its name; `place` differs from it for what has no place."""
    name = type(node).__name__
    if name in NODES:
        return
    if name in NOT_YET:
        words, hint = NOT_YET[name]
        code = "JC311" if isinstance(node, ast.stmt) else "JC312"
        findings.report(code, f"{words} is not supported yet", place, fix=hint)
    else:
        words, hint = NEVER.get(name, _UNKNOWN)
        findings.report("JC301", f"{words} is not part of the language", place, fix=hint)


def _accept(node: ast.AST, findings: Findings, limits: Limits) -> None:
    """Find nothing wrong with a node of a type that has no check of its own."""


def _check_constant(node: ast.AST, findings: Findings, limits: Limits) -> None:
    assert isinstance(node, ast.Constant)
    if isinstance(node.value, bytes):
        findings.report(
            "JC306", "bytes are not part of the language", node, fix="use np.array([...], np.uint8)"
        )
    elif isinstance(node.value, complex):
        findings.report(
            "JC306", "complex numbers are not part of the language", node, fix="use two floats"
        )
    elif isinstance(node.value, int) and node.value.bit_length() > limits.int_bits:
        findings.report(
            "JC506",
            f"an integer constant has {node.value.bit_length():,} bits; the limit is"
            f" {limits.int_bits}",
            node,
            fix="write a smaller number, or a float such as 1e300",
        )


def _check_compare(node: ast.AST, findings: Findings, limits: Limits) -> None:
    assert isinstance(node, ast.Compare)
    operands = [node.left, *node.comparators]
    for position, operator in enumerate(node.ops):
        if not isinstance(operator, ast.Is | ast.IsNot):
            continue
        literal = next((x for x in operands[position : position + 2] if _has_no_identity(x)), None)
        if literal is not None:
            word, sign = ("is", "==") if isinstance(operator, ast.Is) else ("is not", "!=")
            findings.report(
                "JC307",
                f"`{word}` with a literal compares identity, not value",
                literal,
                fix=f"write `{sign}`",
            )


def _has_no_identity(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | str) and not isinstance(node.value, bool)
    if isinstance(node, ast.UnaryOp):
        return _has_no_identity(node.operand)
    return isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.JoinedStr)


def _misplaced_star(node: ast.Starred, findings: Findings) -> None:
    findings.report(
        "JC308",
        "`*` stands where Python does not allow it",
        node,
        fix="write it inside a tuple, a list or a call: (*a, b)",
    )


def _check_sequence(node: ast.AST, findings: Findings, limits: Limits) -> None:
    assert isinstance(node, ast.Tuple | ast.List)
    starred = [x for x in node.elts if isinstance(x, ast.Starred)]
    if isinstance(node.ctx, ast.Store) and len(starred) > 1:
        findings.report(
            "JC308",
            "two names with `*` stand in one assignment",
            starred[1],
            fix="let one name take the rest",
        )


def _check_call(node: ast.AST, findings: Findings, limits: Limits) -> None:
    assert isinstance(node, ast.Call)
    seen: set[str] = set()
    for keyword in node.keywords:
        if keyword.arg is None:
            continue
        if keyword.arg in seen:
            findings.report(
                "JC308", f"the keyword `{keyword.arg}` is given twice", keyword, fix="give it once"
            )
        else:
            seen.add(keyword.arg)


def _check_comprehension(node: ast.AST, findings: Findings, limits: Limits) -> None:
    assert isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
    targets = {
        name.id
        for generator in node.generators
        for name in ast.walk(generator.target)
        if isinstance(name, ast.Name)
    }
    for generator in node.generators:
        if generator.is_async:
            findings.report(
                "JC301",
                "`async for` is not part of the language",
                generator.target,
                fix="write `for`",
            )
        for inner in ast.walk(generator.iter):
            if isinstance(inner, ast.NamedExpr):
                findings.report(
                    "JC308",
                    "`:=` stands in what a comprehension loops over",
                    inner,
                    fix="assign the name before the comprehension",
                )
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr) and inner.target.id in targets:
            findings.report(
                "JC308",
                f"`:=` cannot assign to `{inner.target.id}`, the variable of the comprehension",
                inner,
                fix="choose another name",
            )


_CHECKS = {
    ast.Constant: _check_constant,
    ast.Compare: _check_compare,
    ast.Call: _check_call,
    ast.Tuple: _check_sequence,
    ast.List: _check_sequence,
    ast.ListComp: _check_comprehension,
    ast.SetComp: _check_comprehension,
    ast.DictComp: _check_comprehension,
    ast.GeneratorExp: _check_comprehension,
}
