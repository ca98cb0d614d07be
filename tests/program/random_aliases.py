"""What random programs do with values that several names, lists or fields hold: changes in place."""

from __future__ import annotations

from random_collections import Theme

SHARED_ROWS = Theme(
    starts=(
        "@row, @rows = [1, 2], []",
        "@row = [0, 0]\n@rows = [@row]",
        "@rows = [[1, 1], [2, 3]]\n@row = @rows[0]",
    ),
    statements=(
        "+@rows.append(@row)",
        "+if {B}:\n    @rows.append(@row)",
        "+@rows.append(list(@row))",
        "+@rows.append([{i} % 9, 1])",
        "@row[{k} % 2] = {I} % 50",
        "@row[0] += {i} % 7",
        "@row = [{i} % 9, 3]",
        "@row = list(@row)",
        "if {B}:\n    @row = [{i} % 9, 4]",
        "if @rows:\n    @rows[-1][0] = {I} % 40",
        "if @rows:\n    @row = @rows[-1]",
        "if len(@rows) > 3:\n    @rows.pop(0)",
        "for r in @rows:\n    r[1] += 1",
    ),
    integers=("@row[0]", "@rows[-1][1]"),
    digests=(
        "sum(r[0] * (k + 2) + r[1] for k, r in enumerate(@rows)) % 1000003",
        "@row[0] * 3 + @row[1]",
    ),
    size="len(@rows) < 6",
)

SHARED_RECORDS = Theme(
    starts=("@last, @log = {'v': 0, 'ok': False}, []",),
    statements=(
        "+@log.append(@last)",
        "+if {B}:\n    @log.append(@last)",
        "+@log.append(dict(@last))",
        "@last['v'] = {I} % 50",
        "@last['v'] += 1\n@last['ok'] = {B}",
        "@last = {'v': {i} % 9, 'ok': {B}}",
        "if @log:\n    @log[0]['v'] += 2",
        "if len(@log) > 2:\n    @log.pop()",
    ),
    integers=("@last['v']",),
    truths=("@last['ok']",),
    digests=("sum(d['v'] * (k + 2) + d['ok'] for k, d in enumerate(@log)) % 1000003",),
    size="len(@log) < 6",
)

SHARED_PATHS = Theme(
    starts=("@p = np.zeros(3)\n@path = []",),
    statements=(
        "+@path.append(@p)",
        "+if {B}:\n    @path.append(@p)",
        "+@path.append(@p.copy())",
        "@p = @p + {f}",
        "@p += 1",
        "@p[{k} % 3] = {i} % 50",
        "@q = @p[1:]\n@q *= 2",
        "if @path:\n    @path[-1] = @path[-1] * 0.5",
        "if @path:\n    @path[-1][0] += 1",
        "if len(@path) > 3:\n    @path.pop(0)",
    ),
    reals=("float(@p[0])",),
    digests=("sum(float(r.sum()) * (k + 2) for k, r in enumerate(@path))", "float(@p.sum())"),
    size="len(@path) < 6",
)

SHARED = (SHARED_ROWS, SHARED_RECORDS, SHARED_PATHS)
