"""Path predicates: when is this statement reached?

A predicate is Python's True or False where it is known while tracing, and a `Predicate` otherwise.
Beside its traced value a `Predicate` keeps its own logic in disjunctive normal form over opaque
literals, so that `if c: return a` followed by `return b` is *known* to return on every path, and a
name assigned on both branches is *known* to be defined.
"""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp

Literal = tuple[int, bool]
Term = frozenset[Literal]
Terms = frozenset[Term]

_TERM_LIMIT = 24
_fresh = itertools.count()


class Predicate:
    """A traced truth value that knows how it was made.

    Args:
        value: bool[], traced.
        terms: a disjunction of conjunctions of literals.
    """

    __slots__ = ("terms", "value")

    def __init__(self, value: jax.Array, terms: Terms | None = None) -> None:
        self.value = value
        self.terms = terms if terms is not None else frozenset({frozenset({(next(_fresh), True)})})


Bit = bool | Predicate


def literal(value: jax.Array) -> Predicate:
    """Return a predicate about which nothing is known but its traced value, bool[]."""
    return Predicate(value)


def traced(bit: Bit) -> jax.Array:
    """Return the bit as bool[]."""
    return jnp.asarray(bit) if isinstance(bit, bool) else bit.value


def same(a: Bit, b: Bit) -> bool:
    """Tell whether two bits are known to be equal."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a is b or a.terms == b.terms


def both(a: Bit, b: Bit) -> Bit:
    """Return a and b."""
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    if a is b or a.terms == b.terms:
        return a
    terms = _product(a.terms, b.terms)
    if terms is not None:
        if not terms:
            return False
        if terms == a.terms:
            return a
        if terms == b.terms:
            return b
    return Predicate(a.value & b.value, terms)


def either(a: Bit, b: Bit) -> Bit:
    """Return a or b."""
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    if a is b or a.terms == b.terms:
        return a
    terms = _simplify(set(a.terms | b.terms))
    if frozenset() in terms:
        return True
    if terms == a.terms:
        return a
    if terms == b.terms:
        return b
    return Predicate(a.value | b.value, terms if len(terms) <= _TERM_LIMIT else None)


def negate(a: Bit) -> Bit:
    """Return not a."""
    if isinstance(a, bool):
        return not a
    terms: Terms | None = frozenset({frozenset()})
    for term in a.terms:
        flipped = frozenset(frozenset({(name, not sign)}) for name, sign in term)
        terms = _product(terms, flipped)
        if terms is None:
            break
    if terms is not None and not terms:
        return False
    return Predicate(~a.value, terms)


def _product(a: Terms, b: Terms) -> Terms | None:
    if len(a) * len(b) > _TERM_LIMIT**2:
        return None
    terms = {x | y for x in a for y in b if not any((n, not s) in y for n, s in x)}
    simple = _simplify(terms)
    return simple if len(simple) <= _TERM_LIMIT else None


def _simplify(terms: set[Term]) -> Terms:
    """Drop terms that others imply and literals that others make needless, to a fixpoint."""
    changed = True
    while changed:
        changed = False
        for term in sorted(terms, key=len):
            smaller = _shorten(term, terms)
            if smaller is not None:
                terms.discard(term)
                terms.add(smaller)
                changed = True
                break
            if any(other < term for other in terms):
                terms.discard(term)
                changed = True
                break
    return frozenset(terms)


def _shorten(term: Term, terms: set[Term]) -> Term | None:
    """Return term without a literal whose other case is covered by another term, if there is one."""
    for name, sign in term:
        rest = term - {(name, sign)}
        opposite = (name, not sign)
        for other in terms:
            if opposite in other and other - {opposite} <= rest:
                return rest
    return None


def implies(a: Bit, b: Bit) -> bool:
    """Tell whether b is known to hold wherever a does; nothing is traced."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is False or b is True
    if a is b or a.terms == b.terms:
        return True
    return all(any(y <= x for y in b.terms) for x in a.terms)


def excludes(a: Bit, b: Bit) -> bool:
    """Tell whether a and b are known never to hold together; nothing is traced."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is False or b is False
    return all(any((n, not s) in y for n, s in x) for x in a.terms for y in b.terms)
