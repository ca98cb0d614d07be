"""Valid programs with one or two small faults put in, as a person or a model would."""

from __future__ import annotations

import io
import keyword
import re
import tokenize

_TYPES = ("int", "float", "bool", "list", "set", "tuple", "dict", "len", "sum", "abs", "sorted")
_OPERATORS = (
    ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", ">>", "@"),
    ("<", "<=", ">", ">=", "==", "!=", "is", "in"),
    ("=", "+=", "-=", "*=", "//=", ":="),
    ("and", "or"),
    ("break", "continue", "pass", "return"),
    (".", ",", ":"),
    ("(", "["),
    (")", "]"),
)
_CONSTANTS = (
    "0",
    "1",
    "-1",
    "2",
    "0.5",
    "None",
    "True",
    '"x"',
    "[]",
    "(1, 2)",
    "{}",
    "1e400",
    "300",
)


def tokens_of(text):
    """Return the tokens that mean something, with where each begins and ends in the text."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP):
            begin = starts[token.start[0] - 1] + token.start[1]
            found.append((token.type, token.string, begin, begin + len(token.string)))
    return found


def _replaced(text, token, new):
    return text[: token[2]] + new + text[token[3] :]


def _delete(pick, text):
    return _replaced(text, pick.choice(tokens_of(text)), "")


def _rename(pick, text):
    names = [t for t in tokens_of(text) if t[0] == tokenize.NAME and not keyword.iskeyword(t[1])]
    return _replaced(text, pick.choice(names), pick.choice(names)[1])


def _swap_type(pick, text):
    names = [t for t in tokens_of(text) if t[1] in _TYPES]
    return _replaced(text, pick.choice(names), pick.choice(_TYPES)) if names else text


def _swap_operator(pick, text):
    known = {one for group in _OPERATORS for one in group}
    token = pick.choice([t for t in tokens_of(text) if t[1] in known])
    group = pick.choice([group for group in _OPERATORS if token[1] in group])
    return _replaced(text, token, f" {pick.choice(group)} ")


def _swap_tokens(pick, text):
    tokens = tokens_of(text)
    one, other = sorted(pick.sample(tokens, 2), key=lambda token: token[2])
    return _replaced(_replaced(text, other, one[1]), one, other[1])


def _remove_return(pick, text):
    places = [match.start() for match in re.finditer(r"\breturn\b", text)]
    if not places:
        return text
    place = pick.choice(places)
    return text[:place] + text[place + len("return ") :]


def _constant(pick, text):
    numbers = [t for t in tokens_of(text) if t[0] in (tokenize.NUMBER, tokenize.STRING)]
    return _replaced(text, pick.choice(numbers), pick.choice(_CONSTANTS)) if numbers else text


def _value(pick, text):
    names = [t for t in tokens_of(text) if t[0] == tokenize.NAME and not keyword.iskeyword(t[1])]
    return _replaced(text, pick.choice(names), pick.choice(_CONSTANTS))


def _on_lines(change):
    def mutate(pick, text):
        lines = text.split("\n")
        change(pick, lines, pick.randrange(len(lines)))
        return "\n".join(lines)

    return mutate


def _duplicate(pick, lines, place):
    lines.insert(place, lines[place])


def _move(pick, lines, place):
    lines.insert(pick.randrange(len(lines)), lines.pop(place))


def _indent(pick, lines, place):
    lines[place] = "    " + lines[place] if pick.random() < 0.5 else lines[place][4:]


def _drop(pick, lines, place):
    del lines[place]


CHANGES = (
    _delete,
    _rename,
    _rename,
    _swap_type,
    _swap_operator,
    _swap_operator,
    _swap_tokens,
    _remove_return,
    _constant,
    _value,
    _on_lines(_duplicate),
    _on_lines(_move),
    _on_lines(_indent),
    _on_lines(_drop),
)


def mutated(pick, text):
    """Return the text with one change, now and then two."""
    for _ in range(1 if pick.random() < 0.8 else 2):
        try:
            text = pick.choice(CHANGES)(pick, text)
        except (tokenize.TokenError, IndentationError, IndexError):
            break
    return text
