"""The programs of the corpus one by one: each entry with the helpers that it needs."""

from __future__ import annotations

import ast

from test_corpus import sources

FILES = ("language", "state", "semantics")


def _names(node):
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _defined(node):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return (
        {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
        if isinstance(node, ast.Assign)
        else set()
    )


def _needed(body, first):
    """Return the statements that `first` needs, in their order."""
    kept, names = [first], _names(first)
    while True:
        more = [n for n in body if n not in kept and _defined(n) & names]
        if not more:
            return sorted(kept, key=lambda node: node.lineno)
        kept += more
        names = names.union(*(_names(node) for node in more))


def parts():
    """Return (text, entry or None) of every program of the corpus files, functions apart."""
    found = []
    for name in FILES:
        for source in sources(f"{name}.car"):
            body = ast.parse(source.text).body
            functions = [n for n in body if isinstance(n, ast.FunctionDef)]
            called = {x for n in body for x in _names(n)}
            if not any(f.name not in called for f in functions):
                found.append((source.text, None))
            for function in functions:
                if function.name not in called:
                    lines = [
                        ast.get_source_segment(source.text, n) for n in _needed(body, function)
                    ]
                    decorated = [
                        "".join(f"@{ast.unparse(d)}\n" for d in getattr(n, "decorator_list", []))
                        for n in _needed(body, function)
                    ]
                    text = "\n".join(d + line for d, line in zip(decorated, lines, strict=True))
                    found.append((text, function.name))
    return found
