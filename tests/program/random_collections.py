"""What random programs say of lists and sets, and what a theme is: one `Theme` for each kind of value.

A template is a line of Python, or several, in which `{I}`, `{F}`, `{B}` stand for a random integer,
float or truth, `{i}`, `{f}`, `{b}` for a short one, `{n}` for an index, `{k}` for a known number
from 0 to 3, and `>` for a block; `@xs` is the theme's variable, a field of `self` in a class. A
statement that makes a collection longer begins with `+`.
"""

from __future__ import annotations

from typing import NamedTuple

Templates = tuple[str, ...]


class Theme(NamedTuple):
    """What can be said of one kind of value.

    Attributes:
        starts: statements that make the variables, of which one is written; without inputs.
        given: further ones, which look at the inputs.
        statements: what changes or reads the variables.
        integers, reals, truths: expressions.
        digests: expressions that together tell all that the variables hold.
        top: what stands before the function.
        size: the length that a collection may have before it grows in a loop, as a condition.
    """

    starts: Templates
    statements: Templates
    digests: Templates
    given: Templates = ()
    integers: Templates = ()
    reals: Templates = ()
    truths: Templates = ()
    top: Templates = ()
    size: str = "True"


LISTS = Theme(
    starts=("@xs = [1, 2, 3]", "@xs = []", "@xs = list(range(4))", "@xs = [0] * 3"),
    given=(
        "@xs = [int(k) for k in m if k > 0]",
        "@xs = [int(k) for k in u if k > 100]",
        "@xs = [i, j]",
        "@xs = sorted([int(k) for k in m], key=abs)",
    ),
    statements=(
        "+@xs.append({I} % 50)",
        "+@xs.append({I} % 50)",
        "+if {B}:\n    @xs.append({I} % 50)",
        "+@xs.insert({n}, {I} % 50)",
        "+@xs.extend([{i} % 50, 4])",
        "+@xs.extend([int(k) for k in m if k > {k}])",
        "+@xs += [{i} % 50]",
        "+@xs = @xs + [{i} % 50]",
        "+@xs = [*@xs, {i} % 50]",
        "+@xs.append(@xs[-1])",
        "+@xs = @xs * 2",
        "if @xs:\n    @xs.pop()",
        "if len(@xs) > 1:\n    i = @xs.pop(0)",
        "@xs.pop()",
        "i = @xs.pop({n})",
        "if i in @xs:\n    @xs.remove(i)",
        "@xs.remove({k})",
        "@xs.reverse()",
        "@xs.sort()",
        "@xs.sort(reverse=True)",
        "@xs.sort(key=lambda k: (k % 3, -k))",
        "@xs.clear()",
        "@xs = sorted(@xs, key=lambda k: -k)",
        "@xs = sorted(@xs, reverse={b})",
        "@xs = @xs[{n}:]",
        "@xs = @xs[:{n}]",
        "@xs = @xs[::-1]",
        "@xs = @xs[1:-1]",
        "@xs = @xs[:2] + @xs[{k}:]",
        "@xs = [(k + {i}) % 50 for k in @xs]",
        "@xs = [k for k in @xs if k > {i}]",
        "@xs = list(reversed(@xs))",
        "@xs = list(map(lambda k: -k, @xs))",
        "@xs = list(filter(lambda k: k > {k}, @xs))",
        "@xs[{n}] = {I} % 50",
        "@xs[{n}] += 1",
        "@xs[0], @xs[-1] = @xs[-1], @xs[0]",
        "del @xs[{n}]",
        "if len(@xs) > 2:\n    del @xs[1]",
        "@xs = [i % 50, j % 50]",
        "for k in @xs:\n    i = (i + k) % 97",
        "for k in @xs:\n    >",
        "for r, k in enumerate(@xs):\n    if k == {i}:\n        i = r\n        break\nelse:\n    i = -1",
        "for k, r in zip(@xs, (1, 2, 3)):\n    j = (j + k * r) % 97",
        "for k in reversed(@xs):\n    if k > {i}:\n        continue\n    j = k",
        "for k in list(@xs):\n    if k % 2:\n        @xs.remove(k)",
        "for r in range(len(@xs)):\n    @xs[r] = (@xs[r] + r) % 50",
        "if not @xs:\n    @xs = [1]",
        "while @xs and @xs[-1] > {k}:\n    @xs.pop()",
        "while len(@xs) > 2:\n    i = (i + @xs.pop(0)) % 97",
        "a[{n}] = len(@xs)",
        "if @xs:\n    i, *_ = @xs[:1]",
    ),
    integers=(
        "len(@xs)",
        "@xs[{n}]",
        "sum(@xs)",
        "max(@xs)",
        "max(@xs, default={i})",
        "min(@xs, default=0)",
        "@xs.count({i})",
        "@xs.index({i})",
        "(@xs[-1] if @xs else {i})",
        "max(@xs, key=lambda k: (k % 3, k))",
        "min(@xs, key=lambda k: abs(k - {i}), default=-1)",
        "sorted(@xs)[{n}]",
        "sum(@xs[{n}:])",
        "sum(@xs[:{i}])",
        "sum(@xs[-2:])",
        "len(@xs[{n}:{k}])",
        "sum(1 for k in @xs if k > {i})",
        "sum([k * 2 for k in @xs if k != {i}])",
        "next((k for k in @xs if k > {i}), -1)",
        "len(set(@xs))",
        "sum(a1 * b1 for a1, b1 in zip(@xs, @xs[1:]))",
        "max(range(len(@xs)), key=lambda r: @xs[r], default=-1)",
        "len([k for k in @xs if k in (1, {i})])",
        "(0, *@xs)[-1]",
        "int(np.sum(@xs))",
    ),
    truths=(
        "({i} in @xs)",
        "bool(@xs)",
        "(not @xs)",
        "(@xs == [1, 2])",
        "any(k > {i} for k in @xs)",
        "all(k > {i} for k in @xs)",
        "(@xs == sorted(@xs))",
        "(len(@xs) > {k})",
        "(@xs[:1] != [{k}])",
        "({i} not in @xs[1:])",
    ),
    digests=("len(@xs)", "sum(k * (r + 2) for r, k in enumerate(@xs))"),
    size="len(@xs) < 7",
)


FLOATS = Theme(
    starts=("@qs = []", "@qs = [0.5, -1.0]", "@qs = [2.0] * 3"),
    given=("@qs = [float(k) for k in v]", "@qs = [float(k) for k in v if k > 0]", "@qs = [f, x]"),
    statements=(
        "+@qs.append({F})",
        "+if {B}:\n    @qs.append({F})",
        "+@qs.insert(0, {F})",
        "+@qs += [float(k) for k in v if k > {f}]",
        "f = @qs.pop()",
        "if @qs:\n    f = @qs.pop(0)",
        "@qs.sort()",
        "@qs = sorted(@qs, key=lambda k: -k)",
        "@qs = [k * 0.5 for k in @qs]",
        "@qs = [k for k in @qs if k < {f}]",
        "@qs = @qs[-2:]",
        "@qs[{n}] = {F}",
        "@qs[-1] += {f}",
        "for k in @qs:\n    if k > f:\n        f = k",
        "for k in @qs:\n    >",
        "if len(@qs) > 3:\n    @qs.pop(0)",
        "@qs = [max(k, {f}) for k in @qs]",
        "@qs = []",
    ),
    reals=(
        "sum(@qs)",
        "max(@qs)",
        "max(@qs, default={f})",
        "min(@qs, default=0.5)",
        "@qs[{n}]",
        "(@qs[-1] if @qs else {f})",
        "sorted(@qs)[{n}]",
        "min(@qs, key=lambda k: abs(k - {f}), default=0.0)",
        "sum(k for k in @qs if k > {f})",
        "float(np.max(@qs))",
    ),
    integers=("len(@qs)", "@qs.count({f})", "@qs.index(max(@qs))", "sum(k > {f} for k in @qs)"),
    truths=("({f} in @qs)", "any(k > {f} for k in @qs)", "bool(@qs)", "(@qs == sorted(@qs))"),
    digests=("len(@qs)", "sum(k * (r + 2) for r, k in enumerate(@qs))"),
    size="len(@qs) < 6",
)


PAIRS = Theme(
    starts=("@ps = []", "@ps = [(1, 0.5), (0, 2.0)]"),
    given=("@ps = [(r, float(k)) for r, k in enumerate(v) if k > 0]", "@ps = [(i, f)]"),
    statements=(
        "+@ps.append(({I} % 50, {F}))",
        "+if {B}:\n    @ps.append((i % 50, f))",
        "+@ps.insert(0, (1, {f}))",
        "@ps.sort()",
        "@ps.sort(key=lambda p: p[1])",
        "@ps = sorted(@ps, key=lambda p: (-p[0], p[1]))",
        "@ps = [(k + 1, w) for k, w in @ps]",
        "@ps = [p for p in @ps if p[0] > {i}]",
        "@ps = @ps[:2]",
        "for k, w in @ps:\n    if w > f:\n        i, f = k, w",
        "for r, (k, w) in enumerate(@ps):\n    j = (j + r * k) % 97",
        "for k, w in @ps:\n    >",
        "if @ps:\n    i, f = @ps.pop()",
        "i, f = @ps[{n}]",
        "if (1, 0.5) in @ps:\n    @ps.remove((1, 0.5))",
        "@ps[{n}] = (i % 50, f)",
    ),
    integers=(
        "len(@ps)",
        "sum(k for k, w in @ps if w > {f})",
        "max(@ps, key=lambda p: p[1], default=(0, 0.0))[0]",
        "max(@ps)[0]",
        "min((w, k) for k, w in @ps)[1]",
        "@ps[{n}][0]",
    ),
    reals=("sum(w for k, w in @ps)", "max((w for k, w in @ps), default={f})", "@ps[{n}][1]"),
    truths=("((1, 0.5) in @ps)", "any(k > {i} and w > 0 for k, w in @ps)", "bool(@ps)"),
    digests=("len(@ps)", "sum((k + 3 * w) * (r + 2) for r, (k, w) in enumerate(@ps))"),
    size="len(@ps) < 5",
)


SETS = Theme(
    starts=("@ts = set()", "@ts = {1, 2, 3}", "@ts = set([1, 5])"),
    given=("@ts = {int(k) for k in m}", "@ts = {i, j, 2}", "@ts = set(int(k) for k in u if k < 9)"),
    statements=(
        "+@ts.add({I} % 20)",
        "+@ts.add({I} % 20)",
        "+if {B}:\n    @ts.add({I} % 20)",
        "+@ts.update([{i} % 20, 3])",
        "+@ts |= {1, {i} % 20}",
        "+@ts = @ts | {int(k) % 20 for k in m}",
        "@ts &= {1, 2, {i}}",
        "@ts -= {{i}}",
        "@ts ^= {1, {i} % 20}",
        "@ts = @ts - {1, {i}}",
        "@ts.discard({i})",
        "@ts.remove({i})",
        "if {i} in @ts:\n    @ts.remove(1)",
        "@ts.clear()",
        "@ts = {k + 1 for k in @ts}",
        "@ts = {k for k in @ts if k > {i}}",
        "for k in sorted(@ts):\n    i = (i * 2 + k) % 97",
        "for k in @ts:\n    j = max(j, k)",
        "if i not in @ts and len(@ts) < 7:\n    @ts.add(i)\n    f += 0.5",
    ),
    integers=(
        "len(@ts)",
        "sum(@ts)",
        "max(@ts, default=-1)",
        "min(@ts)",
        "len(@ts & {1, 2, {i}})",
        "len(@ts | {1, 2, {i}})",
        "len(@ts ^ {3, {i}})",
        "len(@ts - {{i}})",
        "sorted(@ts)[{n}]",
        "sum(k > {i} for k in @ts)",
        "len(@ts.union([{i}, 1]))",
    ),
    truths=(
        "({i} in @ts)",
        "({i} not in @ts)",
        "bool(@ts)",
        "(@ts == {1, 2})",
        "(@ts <= {1, 2, 3, {i}})",
        "({1, {i}} <= @ts)",
        "@ts.issubset({1, 2, {i}})",
        "@ts.isdisjoint({1, {i}})",
        "any(k > {i} for k in @ts)",
    ),
    digests=("len(@ts)", "sum(k * (r + 2) for r, k in enumerate(sorted(@ts)))"),
    size="len(@ts) < 7",
)
