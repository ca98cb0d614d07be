"""What random programs say of dicts, counters and windows; see random_collections."""

from __future__ import annotations

from random_collections import Theme

TABLES = Theme(
    starts=("@ks = {1: 2, 5: 0}", "@ks = {}", "@ks = dict.fromkeys([0, 1, 2], 0)"),
    given=("@ks = {r: int(k) for r, k in enumerate(m)}", "@ks = {int(k): 1 for k in m}"),
    statements=(
        "+@ks[{I} % 9] = {i} % 50",
        "+@ks[{i} % 9] = @ks.get({i} % 9, 0) + 1",
        "+if {B}:\n    @ks[{I} % 9] = 3",
        "+@ks.update({i % 9: 4, 2: 7})",
        "+@ks.setdefault({i} % 9, 8)",
        "+i = @ks.setdefault({i} % 9, 8)",
        "@ks[1] += 2",
        "@ks[{i}] -= 1",
        "i = @ks.pop({i}, -1)",
        "i = @ks.pop({i})",
        "if {i} in @ks:\n    @ks[1] = 0",
        "if i in @ks:\n    del @ks[i]",
        "del @ks[{k}]",
        "@ks.clear()",
        "@ks = {k: w + 1 for k, w in @ks.items()}",
        "@ks = {k: w for k, w in @ks.items() if w > {i}}",
        "@ks = {k: j % 50 for k in @ks}",
        "for k, w in @ks.items():\n    i = (i * 2 + k + w) % 97",
        "for k in @ks:\n    j = (j * 2 + k) % 97",
        "for k in list(@ks):\n    if @ks[k] < {k}:\n        del @ks[k]",
        "for w in @ks.values():\n    >",
        "for k in sorted(@ks, key=lambda k: -@ks[k]):\n    i = (i * 3 + k) % 97",
    ),
    integers=(
        "len(@ks)",
        "@ks.get({i}, {i})",
        "@ks[{i}]",
        "@ks[1]",
        "sum(@ks.values())",
        "sum(@ks)",
        "max(@ks.values(), default=0)",
        "max(@ks, key=lambda k: @ks[k], default=-1)",
        "max(@ks.items(), key=lambda p: p[1], default=(0, 0))[0]",
        "(@ks[i] if i in @ks else {i})",
        "list(@ks)[{n}]",
        "sorted(@ks.values())[{n}]",
        "sum(w for k, w in @ks.items() if k > {i})",
        "(@ks.get({i}) or -1)",
    ),
    truths=(
        "({i} in @ks)",
        "bool(@ks)",
        "(@ks == {1: 2, 5: 0})",
        "(@ks.get({i}) is None)",
        "any(w > {i} for w in @ks.values())",
        "({i} in @ks.values())",
    ),
    digests=("len(@ks)", "sum((k + 5 * w) * (r + 2) for r, (k, w) in enumerate(@ks.items()))"),
    size="len(@ks) < 7",
)


NAMES = Theme(
    starts=('@ns = {"p": 1.0}', '@ns = {"p": 0.0, "q": 1.5}', "@ns = {}"),
    given=('@ns = {"p": f, "q": g}',),
    statements=(
        '@ns["p"] = {F}',
        '@ns["q"] = {F}',
        'if {B}:\n    @ns["r"] = {F}',
        '@ns["p"] += {f}',
        '@ns["r"] = @ns.get("r", 0.0) + 0.5',
        '@ns.update({"q": {F}, "s": {f}})',
        '@ns.setdefault("r", {f})',
        'f = @ns.setdefault("q", {f})',
        'f = @ns.pop("q", {f})',
        '@ns["r"] = {f}\nif {B}:\n    f = @ns.pop("r")',
        'if "q" in @ns:\n    del @ns["q"]',
        "for name, w in @ns.items():\n    f = (f * 2 + w) % 64",
        'for name in ("p", "q"):\n    if name in @ns:\n        g += @ns[name]',
        'for name, w in @ns.items():\n    if name != "p":\n        g = w',
        "@ns = {name: w * 0.5 for name, w in @ns.items()}",
    ),
    integers=("len(@ns)",),
    reals=(
        '@ns["p"]',
        '@ns.get("q", {f})',
        "sum(@ns.values())",
        "max(@ns.values(), default=0.0)",
        '(@ns["r"] if "r" in @ns else {f})',
    ),
    truths=('("q" in @ns)', '("r" not in @ns)', "bool(@ns)", '(@ns.get("s") is None)'),
    digests=("len(@ns)", "sum(w * (r + 2) for r, w in enumerate(@ns.values()))"),
)


CELLS = Theme(
    starts=("@cs, @es = {(0, 0)}, {}", "@cs, @es = set(), {(1, 1): 2, (0, 1): 5}"),
    given=("@cs, @es = {(int(k), r % 2) for r, k in enumerate(m)}, {(i, j): 1}",),
    statements=(
        "+@cs.add(({i} % 9, {i} % 5))",
        "+if (i, j) not in @cs:\n    @cs.add((i, j))\n    f += 1.0",
        "@cs.discard((0, {i}))",
        "@cs = {(y1, x1) for x1, y1 in @cs}",
        "for x1, y1 in sorted(@cs):\n    i = (i * 3 + x1 - y1) % 97",
        "@es[({i} % 4, 1)] = {i} % 50",
        "@es[(i % 3, j % 2)] = @es.get((i % 3, j % 2), 0) + 1",
        "i = @es.pop((1, 1), 7)",
        "for (x1, y1), w in @es.items():\n    j = (j * 2 + x1 * y1 + w) % 97",
    ),
    integers=(
        "len(@cs)",
        "sum(x1 for x1, y1 in @cs)",
        "@es.get(({i}, 1), -3)",
        "@es[(1, {k})]",
        "max(@cs)[0]",
    ),
    truths=("((0, {i}) in @cs)", "((1, 1) in @es)", "any(x1 == {i} for x1, y1 in @cs)"),
    digests=(
        "sum((a1 + 3 * b1) * (r + 2) for r, (a1, b1) in enumerate(sorted(@cs)))",
        "sum((k[0] + 3 * k[1] + 5 * w) * (r + 2) for r, (k, w) in enumerate(@es.items()))",
    ),
    size="len(@cs) < 7",
)


COUNTS = Theme(
    top=("from collections import Counter, defaultdict",),
    starts=(
        "@cn, @df = Counter(), defaultdict(int)",
        "@cn, @df = Counter([1, 1, 2]), defaultdict(int)",
    ),
    given=("@cn, @df = Counter(int(k) for k in m), defaultdict(int)",),
    statements=(
        "+@cn[{i} % 9] += 1",
        "+@cn.update([{i} % 9, 1])",
        "@cn[1] -= 1",
        "+@df[{i} % 9] += {i} % 50",
        "+if {B}:\n    @df[j % 9] = 2",
        "+i = @df[{i} % 9]",
        "if 1 in @df:\n    del @df[1]",
        "for k, w in @df.items():\n    i = (i * 2 + k * w) % 97",
    ),
    integers=(
        "@cn[{i}]",
        "len(@cn)",
        "sum(@cn.values())",
        "max(@cn.values(), default=0)",
        "@df.get({i}, -1)",
        "len(@df)",
        "max(@df, key=lambda k: @df[k], default=0)",
    ),
    truths=("({i} in @cn)", "({i} in @df)", "(@cn[{i}] > 1)"),
    digests=(
        "sum((k + 5 * w) * (r + 2) for r, (k, w) in enumerate(@cn.items()))",
        "sum((k + 5 * w) * (r + 2) for r, (k, w) in enumerate(@df.items()))",
    ),
    size="len(@cn) < 6 and len(@df) < 6",
)


WINDOWS = Theme(
    top=("from collections import deque",),
    starts=("@dq = deque(maxlen=3)", "@dq = deque([1, 2], maxlen=3)", "@dq = deque([0], 2)"),
    given=("@dq = deque([int(k) for k in m], maxlen=2)",),
    statements=(
        "@dq.append({I} % 50)",
        "@dq.append({I} % 50)",
        "if {B}:\n    @dq.append({I} % 50)",
        "@dq.appendleft({i} % 50)",
        "if @dq:\n    i = @dq.popleft()",
        "@dq.pop()",
        "@dq.extend([1, {i} % 50])",
        "@dq.rotate({k})",
        "@dq.clear()",
        "@dq[{n}] = 7",
        "for k in @dq:\n    i = (i * 2 + k) % 97",
        "while len(@dq) > 1:\n    j = (j + @dq.popleft()) % 97",
        "if len(@dq) == @dq.maxlen:\n    >",
    ),
    integers=(
        "len(@dq)",
        "sum(@dq)",
        "@dq[{n}]",
        "@dq[-1]",
        "max(@dq, default=0)",
        "list(@dq)[{n}]",
        "@dq.count({i})",
        "sum(k * r for r, k in enumerate(@dq))",
    ),
    reals=("(sum(@dq) / len(@dq))", "(sum(@dq) / max(len(@dq), 1))"),
    truths=("({i} in @dq)", "bool(@dq)", "(len(@dq) == 3)", "all(k > {i} for k in @dq)"),
    digests=("len(@dq)", "sum(k * (r + 2) for r, k in enumerate(@dq))"),
)
