"""Every diagnostic code of the reward language. A code, once published, keeps its meaning."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Meaning = Literal[
    "mistake",
    "not yet",
    "never",
    "mistake or not yet",
    "mistake or never",
    "limit",
    "warning",
    "retired",
]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)


class CodeInfo(NamedTuple):
    """What a code stands for.

    Attributes:
        title: the fault in a few words, the same for every program.
        kind: the stage that finds it: "text", "names", "syntax", "kinds", "limits" or "entry".
        meaning: what a program with this fault is: a "mistake" (CPython refuses it too, or means
            something else by it), outside the language "not yet" (a later version may accept it)
            or "never" (the language leaves it out on purpose), over a "limit" that the caller may
            raise, or accepted with a "warning". Nothing yields a "retired" code any more. A
            few codes have two meanings: it depends on the program.

    Example:
        >>> CODES["JC303"].meaning
        'never'
    """

    title: str
    kind: str
    meaning: Meaning


CODES: dict[str, CodeInfo] = {
    # Reading the text.
    "JC101": CodeInfo("the text is not valid Python", "text", "mistake"),
    "JC102": CodeInfo("the text has a NUL byte", "text", "mistake"),
    "JC103": CodeInfo("the text cannot be encoded as UTF-8", "text", "mistake"),
    "JC104": CodeInfo(
        "an invisible, direction-changing or typographic character in code", "text", "mistake"
    ),
    "JC105": CodeInfo("a name has characters outside ASCII", "text", "never"),
    "JC106": CodeInfo("indentation is inconsistent", "text", "mistake"),
    "JC107": CodeInfo("a Markdown fence stands in the program", "text", "mistake"),
    "JC108": CodeInfo("the text holds no program", "text", "mistake"),
    # Names.
    "JC201": CodeInfo("a name is not defined", "names", "mistake"),
    "JC202": CodeInfo("a library name is not in the language", "names", "mistake"),
    "JC203": CodeInfo("a library name is not supported yet", "names", "not yet"),
    "JC204": CodeInfo("an import from outside the language is used", "names", "never"),
    "JC205": CodeInfo("an import from outside the language is not used", "names", "warning"),
    "JC206": CodeInfo("a library name is never supported", "names", "never"),
    "JC207": CodeInfo("a dunder name or attribute is used", "names", "never"),
    "JC208": CodeInfo("a builtin is never supported", "names", "never"),
    "JC209": CodeInfo("a builtin is not supported yet", "names", "not yet"),
    "JC210": CodeInfo("an attribute or method is not in the language", "names", "mistake or never"),
    "JC211": CodeInfo("an attribute or method is not supported yet", "names", "not yet"),
    "JC212": CodeInfo("an attribute of `self` is never set", "names", "mistake"),
    "JC213": CodeInfo("one name stands for two different things", "names", "never"),
    "JC214": CodeInfo("a definition is replaced by a later one", "names", "warning"),
    # Statements and expressions.
    "JC301": CodeInfo("a construct is never supported", "syntax", "never"),
    "JC302": CodeInfo("state is kept outside `self`", "syntax", "never"),
    "JC303": CodeInfo("a function calls itself", "syntax", "never"),
    "JC304": CodeInfo("a default argument is mutable", "syntax", "never"),
    "JC305": CodeInfo("a decorator is never supported", "syntax", "never"),
    "JC306": CodeInfo("a constant of a kind outside the language", "syntax", "never"),
    "JC307": CodeInfo("`is` with a literal compares identity", "syntax", "mistake"),
    "JC308": CodeInfo("a statement stands where Python does not allow it", "syntax", "mistake"),
    "JC309": CodeInfo(
        "a class or method is of a form never supported", "syntax", "mistake or never"
    ),
    "JC311": CodeInfo("a statement is not supported yet", "syntax", "not yet"),
    "JC312": CodeInfo("an expression is not supported yet", "syntax", "not yet"),
    "JC313": CodeInfo("a decorator is not supported yet", "syntax", "not yet"),
    "JC314": CodeInfo("a form of parameter is not supported yet", "syntax", "not yet"),
    "JC315": CodeInfo("a form of class is not supported yet", "syntax", "not yet"),
    "JC316": CodeInfo("a statement at module level is not supported yet", "syntax", "not yet"),
    "JC317": CodeInfo("a pattern of `match` is not supported yet", "syntax", "not yet"),
    "JC320": CodeInfo("a module-level statement is ignored", "syntax", "warning"),
    # Kinds, types and shapes: found when the program is traced.
    "JC401": CodeInfo("a name has different kinds of value on different paths", "kinds", "not yet"),
    "JC402": CodeInfo("a call has the wrong number or names of arguments", "kinds", "mistake"),
    "JC403": CodeInfo(
        "an argument of a library function is not accepted", "kinds", "mistake or not yet"
    ),
    "JC404": CodeInfo("an operation is not defined for these kinds of value", "kinds", "mistake"),
    "JC405": CodeInfo("shapes do not match", "kinds", "mistake"),
    "JC406": CodeInfo("an index or bound must be known before run time", "kinds", "not yet"),
    "JC407": CodeInfo("unpacking gets the wrong number of values", "kinds", "mistake"),
    "JC408": CodeInfo("a value is not a number where one is needed", "kinds", "mistake"),
    "JC409": CodeInfo("this kind of value has no such attribute", "kinds", "mistake"),
    "JC410": CodeInfo("formatted text is compared", "kinds", "never"),
    # Limits.
    "JC501": CodeInfo("the source is too long", "limits", "limit"),
    "JC502": CodeInfo("the source is nested too deeply", "limits", "limit"),
    "JC503": CodeInfo("the program has too many statements", "limits", "limit"),
    "JC504": CodeInfo("a loop runs too many times", "limits", "limit"),
    "JC505": CodeInfo("a list outgrows its capacity", "limits", "limit"),
    "JC506": CodeInfo("a constant is too large", "limits", "limit"),
    "JC507": CodeInfo("an array is too large", "limits", "limit"),
    "JC508": CodeInfo("the traced program has too many equations", "limits", "limit"),
    "JC509": CodeInfo("the memory per environment is too large", "limits", "limit"),
    # The entry and its inputs.
    "JC601": CodeInfo("there is no entry", "entry", "mistake"),
    "JC602": CodeInfo("several functions or classes could be the entry", "entry", "mistake"),
    "JC603": CodeInfo("a parameter's name is not an input", "entry", "mistake"),
    "JC604": CodeInfo("the given entry does not exist", "entry", "mistake"),
    "JC605": CodeInfo("what the entry returns cannot be read as a reward", "entry", "mistake"),
    "JC606": CodeInfo("a program reads an input that is not declared", "entry", "retired"),
}
