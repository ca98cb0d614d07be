"""The patterns of `match`: literals, dotted names, alternatives, and names that take the rest."""

from __future__ import annotations

import ast

from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import NOT_YET

_COMPARED = "write `if` and `elif`"


def check_patterns(tree: ast.Module, findings: Findings) -> None:
    """Report the patterns outside the language, and those that Python does not allow.

    Args:
        tree: the program.
        findings: where to report.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Match):
            for case in node.cases:
                _check_pattern(case.pattern, findings)
            _check_last(node, findings)


def _check_pattern(pattern: ast.pattern, findings: Findings) -> None:
    name = type(pattern).__name__
    if name in NOT_YET:
        words, hint = NOT_YET[name]
        findings.report("JC317", f"{words} is not supported yet", pattern, fix=hint)
    elif isinstance(pattern, ast.MatchValue) and not _is_plain(pattern.value):
        findings.report(
            "JC317", "this value in a pattern is not supported yet", pattern, fix=_COMPARED
        )
    elif isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        _check_pattern(pattern.pattern, findings)
    elif isinstance(pattern, ast.MatchOr):
        for alternative in pattern.patterns:
            if isinstance(alternative, ast.MatchAs):
                findings.report(
                    "JC317",
                    "a name among the alternatives of a pattern is not supported yet",
                    alternative,
                    fix="name the whole: `case 1 | 2 as n`",
                )
            else:
                _check_pattern(alternative, findings)


def _check_last(node: ast.Match, findings: Findings) -> None:
    for case in node.cases[:-1]:
        pattern: ast.pattern | None = case.pattern
        while isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
            pattern = pattern.pattern
        if isinstance(pattern, ast.MatchAs) and case.guard is None:
            findings.report(
                "JC308",
                "this pattern fits everything, so that no later `case` is reached",
                case.pattern,
                fix="move it to the end",
            )


def _is_plain(node: ast.expr) -> bool:
    """Return whether a value is a literal or a dotted name, such as `Phase.OPEN`."""
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant | ast.Attribute)
