"""What random programs say of objects, functions, exceptions and loops; see random_collections."""

from __future__ import annotations

from random_collections import Theme

POINTS = Theme(
    top=("from collections import namedtuple", 'Point = namedtuple("Point", "x y")'),
    starts=("@p = Point(1, 2)", "@p = Point(0, y=3)"),
    given=("@p = Point(i, j)", "@p = Point(int(m[0]), 1)"),
    statements=(
        "@p = Point({I}, @p.x)",
        "if {B}:\n    @p = Point(1, {I})",
        "@p = @p._replace(x={I})",
        "@p = @p._replace(y=@p.x, x={i})",
        "i, j = @p",
        "x1, y1 = @p\ni = x1 - y1",
        "for k in @p:\n    i = (i * 2 + k) % 97",
        "@p = max(@p, Point(1, {i}))",
    ),
    integers=("@p.x", "@p.y", "@p[0]", "@p[{k} % 2]", "sum(@p)", "len(@p)", "(@p.y - @p.x)"),
    truths=(
        "(@p == ({i}, {i}))",
        "(@p.x > @p.y)",
        "(@p < (1, {i}))",
        "({i} in @p)",
        "(@p != Point(1, 2))",
    ),
    digests=("@p.x", "@p.y"),
)

RECORDS = Theme(
    top=(
        "from dataclasses import dataclass, field, replace",
        "@dataclass",
        "class Score:",
        "    value: float = 0.0",
        "    count: int = 0",
        "    parts: list = field(default_factory=list)",
        "    def add(self, by):",
        "        self.value = min(self.value + by, 64.0)",
        "        self.count += 1",
        "        if by > 0 and len(self.parts) < 5:",
        "            self.parts.append(by)",
        "        return self",
        "    @property",
        "    def size(self):",
        "        return len(self.parts)",
        "def bump(score, by):",
        "    if by > 0:",
        "        score.value = by",
        "        return score.count",
        "    score.count = (score.count + 2) % 97",
        "    return -1",
    ),
    starts=("@rec = Score()\n@rec2 = Score(1.0)", "@rec = Score(2.0, 1)\n@rec2 = @rec"),
    given=("@rec = Score(f, count=i)\n@rec2 = Score(g)",),
    statements=(
        "@rec = Score({F})",
        "if {B}:\n    @rec = Score(1.0, {i})",
        "@rec.value = {F}",
        "@rec.value += {f}",
        "@rec.count = (@rec.count + 1) % 97",
        "@rec.add({F})",
        "@rec2.add({f}).add(0.5)",
        "@rec2 = @rec",
        "if {B}:\n    @rec2 = @rec",
        "@rec2 = replace(@rec, value={F})",
        "i = bump(@rec, {F})",
        "bump(@rec2, {f})",
        "for one in (@rec, @rec2):\n    one.count = (one.count + 1) % 97",
        "one = @rec if {B} else @rec2\none.value = {F}",
        "if @rec.parts:\n    @rec.parts.pop()",
        "@rec.parts = []",
    ),
    integers=("@rec.count", "@rec.size", "@rec2.count", "len(@rec2.parts)", "bump(Score(), {f})"),
    reals=("@rec.value", "@rec2.value", "sum(@rec.parts)", "Score({f}).add({f}).value"),
    truths=(
        "(@rec == @rec2)",
        "(@rec is @rec2)",
        "(@rec == Score({f}))",
        "(@rec.value > @rec2.value)",
    ),
    digests=(
        "@rec.value",
        "@rec.count",
        "sum(@rec.parts)",
        "@rec2.value",
        "@rec2.count",
        "@rec2.size",
    ),
)

PHASES = Theme(
    top=(
        "from enum import Enum",
        "class Phase(Enum):",
        "    REACH = 1",
        "    GRASP = 2",
        "    DONE = 5",
    ),
    starts=('@ph = Phase.REACH\n@word = "reach"', '@ph = Phase.GRASP\n@word = "carry"'),
    statements=(
        "@ph = Phase.GRASP",
        "if {B}:\n    @ph = Phase.DONE",
        "@ph = Phase.DONE if {B} else @ph",
        "if @ph is Phase.REACH:\n    >\nelif @ph == Phase.DONE:\n    >",
        "if @ph is Phase.REACH and {B}:\n    @ph = Phase.GRASP\nelif @ph is Phase.GRASP:\n    @ph = Phase.DONE",
        '@word = "carry"',
        'if {B}:\n    @word = "place"',
        '@word = "reach" if {B} else @word',
        'match @word:\n    case "reach":\n        >\n    case "carry" | "place":\n        >',
        "match @ph:\n    case Phase.REACH:\n        >\n    case _:\n        >",
        "match {I}:\n    case 0:\n        >\n    case 1 | 2:\n        >\n    case k if k > 4:\n        i = k\n    case _:\n        >",
    ),
    integers=(
        "@ph.value",
        "{Phase.REACH: 1, Phase.GRASP: 7, Phase.DONE: 3}[@ph]",
        '{"reach": 0, "carry": 4, "place": 2}[@word]',
        '{"reach": 0, "carry": 4}.get(@word, -2)',
        "len(@word)",
    ),
    truths=(
        "(@ph == Phase.GRASP)",
        "(@ph is Phase.DONE)",
        "(@ph is not Phase.REACH)",
        "(@ph in (Phase.REACH, Phase.DONE))",
        '(@word == "carry")',
        '(@word != "reach")',
        '(@word in ("reach", "place"))',
        '@word.startswith("re")',
    ),
    digests=("@ph.value", '["reach", "carry", "place"].index(@word)'),
)

BOXES = Theme(
    top=(
        "class Box:",
        "    SCALE = 2",
        "    def __init__(self, size, inner=None):",
        "        self.size = size",
        "        self.inner = inner",
        "    def grow(self, by=1):",
        "        self.size = (self.size + by * self.SCALE) % 97",
        "        return self",
        "    def depth(self):",
        "        return 0 if self.inner is None else self.inner.size",
        "    @staticmethod",
        "    def twice(k):",
        "        return 2 * k",
        "    def __eq__(self, other):",
        "        return self.size == other.size",
        "    def __len__(self):",
        "        return abs(self.size) % 4",
    ),
    starts=("@bx = Box(1)\n@by = Box(2)", "@bx = Box(1)\n@by = @bx"),
    statements=(
        "@bx.grow({i})",
        "@by.grow().grow(by={i})",
        "@bx = Box({I} % 97)",
        "if {B}:\n    @by = @bx",
        "if {B}:\n    @bx = Box({i})",
        "@bx.size = {I} % 97",
        "if {B}:\n    @by.size -= 1",
        "one = @bx if {B} else @by\none.grow({i})",
        "box = Box({i}, @bx)\nbox.inner.grow()\ni = box.depth() + box.size",
        "for one in [@bx, @by]:\n    one.size = (one.size + 1) % 97",
    ),
    integers=(
        "@bx.size",
        "@by.size",
        "Box.twice({i})",
        "len(@bx)",
        "Box({i}).grow({i}).size",
        "@bx.depth()",
    ),
    truths=(
        "(@bx == @by)",
        "(@bx is @by)",
        "bool(@by)",
        "isinstance(@bx, Box)",
        "(@bx.inner is None)",
    ),
    digests=("@bx.size", "@by.size"),
)

FUNCTIONS = Theme(
    starts=(
        "acc = [0, 1]\n"
        "def grow(k, by=1):\n"
        "    nonlocal i\n"
        "    i = (i + k * by) % 97\n"
        "    return i\n"
        "def push(k):\n"
        "    if k > 0 and len(acc) < 6:\n"
        "        acc.append(k % 50)\n"
        "        return True\n"
        "    acc[0] = (acc[0] + 1) % 50\n"
        "def total(scale, *rest, start=0):\n"
        "    return start + scale * sum(rest)\n"
        "def maker(k):\n"
        "    def inner(y1):\n"
        "        return (y1 * k + j) % 97\n"
        "    return inner\n"
        "def early(k):\n"
        "    for r in range(4):\n"
        "        if r == k:\n"
        "            return r * 10\n"
        "        elif r > 2 and k > 8:\n"
        "            break\n"
        "    else:\n"
        "        return -2\n"
        "    return -1\n"
        "def risky(k):\n"
        "    if k == 1:\n"
        "        raise ValueError('no')\n"
        "    return 12 // k\n"
        "square = lambda y1, z1=2: (y1 * y1 + z1) % 97\n"
        "fn = maker(2)",
    ),
    statements=(
        "i = grow({I})",
        "grow({i}, by={k})",
        "push({I})",
        "if {B}:\n    push({I} % 50)",
        "fn = maker({I} % 97)",
        "i = fn({i})",
        "j = total(2, *acc)",
        "i = early({I})",
        "try:\n    i = risky({I})\nexcept (ValueError, ZeroDivisionError):\n    i = -1",
        "try:\n    i = risky({I})\n    push(i)\nexcept ZeroDivisionError:\n    >\nfinally:\n    acc[-1] = 3",
        "i = risky({I})",
        "first, *middle, last = (i, j, *acc[:2])\ni = last - first + len(middle)",
        "for k in map(fn, [1, {i}]):\n    j = (j + k) % 97",
    ),
    integers=(
        "grow({i})",
        "fn({i})",
        "square({i})",
        "square({i}, {i})",
        "total({i}, {i}, 2, start={k})",
        "early({i})",
        "maker({k})({i})",
        "(lambda y1: y1 + j)({i})",
        "sum(map(fn, [{i}, 2]))",
        "max(acc, key=lambda k: (k * 7) % 5)",
    ),
    truths=("(push({i}) is None)", "(early({i}) > fn({i}))"),
    digests=("sum(k * (r + 2) for r, k in enumerate(acc))", "fn(3)"),
)

FAULTS = (
    "i = 6 // {I}",
    "f = 1.5 / {F}",
    "i = [1, 2, 3][{I}]",
    "i = {1: 2, 2: 3, 0: 1}[{I}]",
    "f = math.sqrt({F})",
    "i = (None if {B} else {i}) + 1",
    "f = float(none.sum())",
    "raise ValueError('no')",
    "if {B}:\n    raise KeyError",
    "if {B}:\n    raise ZeroDivisionError('x')",
    "assert {B}",
    "l.remove({I})",
    "i = l.index({I})",
)

TRIES = Theme(
    starts=("none = None\nseen = 0\nif flag:\n    none = v",),
    statements=(
        *(
            f"try:\n    {one}\n    >\nexcept {name}:\n    >"
            for one in FAULTS
            for name in ("(ZeroDivisionError, IndexError)", "Exception", "(KeyError, TypeError)")
            if "\n" not in one and "raise" not in one
        ),
        "try:\n    >\nexcept ZeroDivisionError:\n    >\nexcept (IndexError, ValueError) as error:\n    print(error)\n    >",
        "try:\n    >\nexcept LookupError:\n    >\nelse:\n    >\nfinally:\n    seen += 1",
        "try:\n    >\nfinally:\n    seen += 1",
        "try:\n    try:\n        >\n    except KeyError:\n        >\n    seen += 2\nexcept ArithmeticError:\n    >",
        "try:\n    >\nexcept ValueError:\n    seen += 1\n    raise\nexcept AttributeError:\n    >",
        "try:\n    if {B}:\n        raise ValueError('no')\n    >\nexcept ValueError:\n    seen += 3\nelse:\n    >",
        "try:\n    return {R}\nexcept Exception:\n    seen += 5",
        "try:\n    f = float(none.sum())\nexcept AttributeError:\n    seen += 7",
        "for k in (2, 1, 0):\n    try:\n        seen += {I} // k\n    except ZeroDivisionError:\n        continue\n    finally:\n        f += 0.5\n    >",
        "for k in m:\n    try:\n        if k == {i}:\n            break\n        seen += 6 // int(k)\n    except ZeroDivisionError:\n        seen += 1\nelse:\n    seen += 9",
        "for k in (2, 0, 1, 3):\n    try:\n        seen += {I} // (k if {B} else 0)\n        break\n    except ZeroDivisionError:\n        seen += 11\n        >",
        "for k in m:\n    try:\n        i = [1, 2, 3][int(k) % 5]\n        if {B}:\n            continue\n        >\n    except IndexError:\n        seen += 13\n    seen += 1",
        "for k in range(80):\n    try:\n        seen += 9 // (k % 4 - {I} % 4)\n        if {B}:\n            break\n    except ZeroDivisionError:\n        seen += 1",
        "try:\n    >\nexcept (ValueError, ZeroDivisionError):\n    if {B}:\n        raise\n    >",
        *FAULTS,
    ),
    integers=("seen",),
    truths=("(none is None)", "(seen > {i})"),
    digests=("seen % 1000003",),
)

FLOW = (
    "if {B}:\n    >",
    "if {B}:\n    >\nelse:\n    >",
    "if {B}:\n    >\nelif {B}:\n    >\nelse:\n    >",
    "if (i := {I}) > {i}:\n    >",
    "late = {I}",
    "if {B}:\n    late = {i}",
    "late = {i}\nif {B}:\n    del late\n    >\ni = 0 + late",
    "if {B}:\n    late = {i}\n    >\nelse:\n    late = 1\ni = 0 + late",
    "if {B}:\n    late = {i}\ni = 0 + late",
    "o = None if {B} else {i}",
    "if o is not None:\n    i = o",
    "if o is None or o > {i}:\n    o = {i}",
    "i = o if o is not None else {i}",
    "i, j = j, i",
    "b, c = c, {B}",
    "f, (i, j) = {f}, ({i}, {i})",
    "b = i < j < {i}",
)

LOOPS = (
    "for #k in range({k}):\n    >",
    "for #k in range(3):\n    >\nelse:\n    >",
    "for #k in range(abs({i}) % 5):\n    >",
    "for #k in range({k}, 5, 2):\n    >",
    "for #k in range(2):\n    for #r in range(2):\n        if #k == #r:\n            continue\n        >",
    "for #k, #r in ((0, 1), (1, 0), (1, 1)):\n    >",
    "for #k in m:\n    i = (i + int(#k)) % 97\n    >",
    "#t = {k}\nwhile #t > 0:\n    #t -= 1\n    >",
    "#t = 0\nwhile #t < 5 and {B}:\n    #t += 1\n    >",
    "#t = 0\nwhile {B}:\n    #t += 1\n    if #t > 6:\n        break\n    >\nelse:\n    >",
    "#t = 0\nwhile True:\n    #t += 1\n    if #t > {k} or {b}:\n        break\n    >",
)

LONG = (
    "for #k in range(200):\n    >",
    "for #k in range(70):\n    i = (i * 3 + #k) % 97\n    >",
    "for #k in range(200):\n    if #k == i:\n        break\n    >\nelse:\n    >",
    "for #k in range(90):\n    if #k % 7 == {i} % 7:\n        continue\n    j = (j + #k) % 97\n    >",
    "for #k in range(200):\n    if #k * #k > 100 + abs(i):\n        return {R}\n    >",
    "for #k in range(80):\n    for #r in range(2):\n        >",
    "for #r in range(2):\n    for #k in range(80):\n        >",
    "for #k in range(i + 40):\n    >",
    "#t = 90\nwhile #t > i:\n    #t -= 3\n    >",
)
