"""Every diagnostic code of the reward language. A code, once published, keeps its meaning."""

from __future__ import annotations

from typing import NamedTuple


class CodeInfo(NamedTuple):
    """What a code stands for.

    Attributes:
        title: the fault in a few words, the same for every program.
        kind: the stage that finds it: "text", "names", "syntax", "kinds", "limits" or "entry".
    """

    title: str
    kind: str


CODES: dict[str, CodeInfo] = {
    # Reading the text.
    "JC101": CodeInfo("the text is not valid Python", "text"),
    "JC102": CodeInfo("the text has a NUL byte", "text"),
    "JC103": CodeInfo("the text cannot be encoded as UTF-8", "text"),
    "JC104": CodeInfo("an invisible, direction-changing or typographic character in code", "text"),
    "JC105": CodeInfo("a name has characters outside ASCII", "text"),
    "JC106": CodeInfo("indentation is inconsistent", "text"),
    "JC107": CodeInfo("a Markdown fence stands in the program", "text"),
    "JC108": CodeInfo("the text holds no program", "text"),
    # Names.
    "JC201": CodeInfo("a name is not defined", "names"),
    "JC202": CodeInfo("a library name is not in the language", "names"),
    "JC203": CodeInfo("a library name is not supported yet", "names"),
    "JC204": CodeInfo("an import from outside the language is used", "names"),
    "JC205": CodeInfo("an import from outside the language is not used", "names"),
    "JC206": CodeInfo("a library name is never supported", "names"),
    "JC207": CodeInfo("a dunder name or attribute is used", "names"),
    "JC208": CodeInfo("a builtin is never supported", "names"),
    "JC209": CodeInfo("a builtin is not supported yet", "names"),
    "JC210": CodeInfo("an attribute or method is not in the language", "names"),
    "JC211": CodeInfo("an attribute or method is not supported yet", "names"),
    "JC212": CodeInfo("an attribute of `self` is never set", "names"),
    "JC213": CodeInfo("one name stands for two different things", "names"),
    "JC214": CodeInfo("a definition is replaced by a later one", "names"),
    # Statements and expressions.
    "JC301": CodeInfo("a construct is never supported", "syntax"),
    "JC302": CodeInfo("state is kept outside `self`", "syntax"),
    "JC303": CodeInfo("a function calls itself", "syntax"),
    "JC304": CodeInfo("a default argument is mutable", "syntax"),
    "JC305": CodeInfo("a decorator is never supported", "syntax"),
    "JC306": CodeInfo("a constant of a kind outside the language", "syntax"),
    "JC307": CodeInfo("`is` with a literal compares identity", "syntax"),
    "JC308": CodeInfo("a statement stands where Python does not allow it", "syntax"),
    "JC309": CodeInfo("a class or method is of a form never supported", "syntax"),
    "JC311": CodeInfo("a statement is not supported yet", "syntax"),
    "JC312": CodeInfo("an expression is not supported yet", "syntax"),
    "JC313": CodeInfo("a decorator is not supported yet", "syntax"),
    "JC314": CodeInfo("a form of parameter is not supported yet", "syntax"),
    "JC315": CodeInfo("a form of class is not supported yet", "syntax"),
    "JC316": CodeInfo("a statement at module level is not supported yet", "syntax"),
    "JC317": CodeInfo("a pattern of `match` is not supported yet", "syntax"),
    "JC320": CodeInfo("a module-level statement is ignored", "syntax"),
    # Kinds, types and shapes: found when the program is traced.
    "JC401": CodeInfo("a name has different kinds of value on different paths", "kinds"),
    "JC402": CodeInfo("a call has the wrong number or names of arguments", "kinds"),
    "JC403": CodeInfo("an argument of a library function is not accepted", "kinds"),
    "JC404": CodeInfo("an operation is not defined for these kinds of value", "kinds"),
    "JC405": CodeInfo("shapes do not match", "kinds"),
    "JC406": CodeInfo("an index or bound must be known before run time", "kinds"),
    "JC407": CodeInfo("unpacking gets the wrong number of values", "kinds"),
    "JC408": CodeInfo("a value is not a number where one is needed", "kinds"),
    "JC409": CodeInfo("this kind of value has no such attribute", "kinds"),
    "JC410": CodeInfo("formatted text is compared", "kinds"),
    # Limits.
    "JC501": CodeInfo("the source is too long", "limits"),
    "JC502": CodeInfo("the source is nested too deeply", "limits"),
    "JC503": CodeInfo("the program has too many statements", "limits"),
    "JC504": CodeInfo("a loop runs too many times", "limits"),
    "JC505": CodeInfo("a list outgrows its capacity", "limits"),
    "JC506": CodeInfo("a constant is too large", "limits"),
    "JC507": CodeInfo("an array is too large", "limits"),
    "JC508": CodeInfo("the traced program has too many equations", "limits"),
    "JC509": CodeInfo("the memory per environment is too large", "limits"),
    # The entry and its inputs.
    "JC601": CodeInfo("there is no entry", "entry"),
    "JC602": CodeInfo("several functions or classes could be the entry", "entry"),
    "JC603": CodeInfo("a parameter's name is not an input", "entry"),
    "JC604": CodeInfo("the given entry does not exist", "entry"),
    "JC605": CodeInfo("what the entry returns cannot be read as a reward", "entry"),
    "JC606": CodeInfo("a program reads an input that is not declared", "entry"),
}
