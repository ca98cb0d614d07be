"""Programs that would take for ever, or all memory, where nothing stopped them."""

# ruff: noqa: E501, RUF005 - programs, one a line

_IMPORTS = "import collections, functools, itertools, math\nimport numpy as np\n"


def _indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.split("\n"))


def _entry(body: str) -> str:
    return f"{_IMPORTS}def f(frame):\n{_indented(body)}"


def _nested(heads: list[str], body: str, before: str = "x = 0") -> str:
    """Return statements inside each other, one space deeper each."""
    lines = [f"{' ' * depth}{head}" for depth, head in enumerate(heads)]
    return "\n".join([before, *lines, f"{' ' * len(heads)}{body}", "return x > 1"])


def _doubled(first: str, again: str, end: str, times: int = 50) -> str:
    return "\n".join([first, *[again] * times, end])


_CHAIN = "".join(f"def f{i}(x): return f{i + 1}(x) + f{i + 1}(x)\n" for i in range(40))
_LAMBDAS = "\n".join(
    ["f0 = lambda x: x", *[f"f{i} = lambda x: f{i - 1}(x) + f{i - 1}(x)" for i in range(1, 41)]]
)

# Expressions: `x = ...; return x == 1`.
EXPRESSIONS = {
    # Numbers.
    "power": "10 ** 10 ** 10",
    "power of a power": "(((2 ** 200) ** 200) ** 200)",
    "tower": "2 ** 2 ** 2 ** 2 ** 2 ** 2",
    "pow": "pow(10, 10 ** 9)",
    "shift": "1 << (1 << 40)",
    "shift of shifts": "1 << 200 << 200",
    "multiplication": "(10 ** 70) * (10 ** 70) * (10 ** 70)",
    "product of integers": "math.prod([10 ** 70] * 200)",
    "sum of integers": "sum([2 ** 255] * 200)",
    "factorial": "math.factorial(10 ** 9)",
    "binomial": "math.comb(10 ** 6, 5 * 10 ** 5)",
    "permutations of numbers": "math.perm(10 ** 6, 5 * 10 ** 5)",
    "common multiple": "math.lcm(*range(1, 5000))",
    "round": "round(10 ** 60, -10 ** 9)",
    "float": "float(10 ** 400)",
    "large integer": "9" * 5000,
    "large hexadecimal integer": "0x" + "f" * 100_000,
    "int of long text": f"int('{'9' * 100_000}')",
    "float of long text": f"float('{'9' * 100_000}')",
    # Text.
    "text": '"a" * 10 ** 9',
    "formatted width": '"%999999999d" % 3',
    "formatted star": '"%*d" % (10 ** 9, 3)',
    "formatted precision": '"%.999999999f" % 3.0',
    "f-string width": 'f"{3:>999999999}"',
    "f-string precision": 'f"{3.0:.999999999f}"',
    "f-string width of a number of the frame": 'f"{frame.mean():999999999.3f}"',
    "nested f-string width": 'f"{3:>{10 ** 9}}"',
    "format width": '"{:>999999999}".format(3)',
    "format width of an argument": '"{:>{}}".format(3, 10 ** 9)',
    "format width of a numbered argument": '"{0:>{1}}".format(3, 10 ** 9)',
    "format of an attribute": '"{0.__class__.__mro__}".format(3)',
    "format function": 'format(3, ">999999999")',
    # Sequences.
    "list": "[0] * 10 ** 9",
    "list of lists": "[[[0] * 250] * 250] * 250",
    "tuple": "(0,) * 10 ** 9",
    "list of a range": "list(range(10 ** 9))",
    "set of a range": "len(set(range(10 ** 6)))",
    "dict of a range": "dict.fromkeys(range(10 ** 9))",
    "dict of pairs": "dict(zip(range(10 ** 9), range(10 ** 9)))",
    "deque of a range": "collections.deque(range(10 ** 9))",
    "counter of a range": "collections.Counter(range(10 ** 9))",
    "sorted range": "sorted(range(10 ** 9))",
    "sorted range by key": "sorted(range(10 ** 9), key=lambda v: -v)",
    "reversed range": "list(reversed(range(10 ** 9)))",
    "filtered range": "list(filter(None, range(10 ** 9)))",
    "reduced range": "functools.reduce(lambda a, b: a + b, range(10 ** 9))",
    "unpacked range": "max(*range(10 ** 9))",
    "range in a list": "[*range(10 ** 9)]",
    "range in a set": "{*range(10 ** 9)}",
    "sum of a range": "sum(range(10 ** 12))",
    "sum of a range backwards": "sum(range(10 ** 12, 0, -1))",
    "length of a range": "len(range(10 ** 60))",
    "enumerate": "sum(i for i, x in enumerate(frame, 10 ** 300))",
    "list of an array": "len(list(np.arange(4 * 10 ** 6)))",
    "tolist": "len(np.arange(4 * 10 ** 6).tolist())",
    "set of an array": "len(set(np.arange(10 ** 6)))",
    "sum of an array": "sum(np.arange(4 * 10 ** 6))",
    "sorted array": "sorted(np.arange(4 * 10 ** 6))",
    "maximum of an array by key": "max(np.arange(4 * 10 ** 6), key=lambda v: -v)",
    "map of an array": "list(map(abs, np.arange(4 * 10 ** 6)))",
    "pairs of arrays": "sum(a * b for a, b in zip(np.arange(4 * 10**6), np.arange(4 * 10**6)))",
    "product": "len(list(itertools.product(range(1000), range(1000), range(1000))))",
    "product with itself": "len(list(itertools.product([0, 1], repeat=60)))",
    "long product": "sum(1 for p in itertools.product([0, 1], repeat=10 ** 9))",
    "combinations": "len(list(itertools.combinations(range(60), 30)))",
    "permutations": "len(list(itertools.permutations(range(15))))",
    "chain": "list(itertools.chain(*[range(10 ** 6)] * 100))",
    "repeat": "sum(itertools.repeat(1, 10 ** 9))",
    "repeat for ever": "sum(itertools.repeat(1))",
    "accumulate": "list(itertools.accumulate(range(10 ** 9)))",
    # Comprehensions.
    "comprehensions": "[[[0 for a in range(1000)] for b in range(1000)] for c in range(1000)]",
    "short comprehensions": f"sum(1 {' '.join(f'for a{i} in range(10)' for i in range(9))})",
    "set comprehension": "len({i for i in range(10 ** 6)})",
    "dict comprehension": "len({i: i for i in range(10 ** 6)})",
    "dict of dicts": "{i: {j: {k: 0 for k in range(99)} for j in range(99)} for i in range(99)}",
    "any": "any(False for a in range(10 ** 9))",
    "all": "all(True for a in range(10 ** 9))",
    "next": "next((a for a in range(10 ** 9) if a > 10 ** 8), 0)",
    # Arrays.
    "zeros": "np.zeros(10 ** 9)",
    "zeros of many axes": "np.zeros((1000, 1000, 1000))",
    "overflowing shape": "np.zeros((2 ** 40, 2 ** 40))",
    "full": "np.full(10 ** 9, 3)",
    "ones": "np.ones((10 ** 5, 10 ** 5))",
    "eye": "np.eye(10 ** 6)",
    "diagonal": "np.diag(np.zeros(10 ** 6))",
    "triangle": "np.tri(10 ** 6)",
    "indices": "np.indices((10 ** 4, 10 ** 4))",
    "arange": "np.arange(10 ** 12)",
    "arange of floats": "np.arange(0, 1, 1e-12)",
    "arange of infinity": "np.arange(float('inf'))",
    "linspace": "np.linspace(0, 1, 10 ** 9)",
    "logspace": "np.logspace(0, 1, 10 ** 9)",
    "tile": "np.tile(np.zeros(1000), 10 ** 6)",
    "tile along axes": "np.tile(np.zeros(10), (10 ** 4,) * 3)",
    "tile along many axes": "np.tile(np.zeros(1), (1,) * 60)",
    "repeated elements": "np.repeat(np.zeros(1000), 10 ** 6)",
    "repeated pixels": "np.repeat(frame, 10 ** 6)",
    "repeats of an array": "np.repeat(np.zeros(3), [10 ** 9, 1, 1])",
    "pad": "np.pad(np.zeros(10), 10 ** 9)",
    "padded frame": "np.pad(frame, 10 ** 4)",
    "meshgrid": "np.meshgrid(np.arange(10 ** 4), np.arange(10 ** 4))",
    "meshgrid of three": "np.meshgrid(np.arange(1000), np.arange(1000), np.arange(1000))",
    "outer": "np.outer(np.zeros(10 ** 5), np.zeros(10 ** 5))",
    "outer of the frame": "np.outer(frame.ravel(), np.zeros(10 ** 6))",
    "outer product": "np.arange(10 ** 6)[:, None] * np.arange(10 ** 6)",
    "outer comparison": "(np.arange(10 ** 6)[:, None] == np.arange(10 ** 6)).any()",
    "traced outer product": "frame.reshape(-1)[:, None, None, None] + np.zeros((1, 300, 300, 300))",
    "broadcast": "np.broadcast_to(np.zeros(1), (10 ** 9,))",
    "many axes": f"frame[{'None, ' * 60}]",
    "reshape to many axes": "frame.reshape((1,) * 60 + (-1,))",
    "where": "np.where(np.zeros((10 ** 4, 1)) > 1, np.zeros((1, 10 ** 4)), 0)",
    "isclose": "np.isclose(np.zeros((10 ** 4, 1)), np.zeros((1, 10 ** 4)))",
    "dot": "np.dot(np.zeros((2000, 2000)), np.zeros((2000, 2000)))",
    "traced dot": "np.dot(np.zeros((2000, 192)), np.zeros((192, 2000)) + frame[0, 0, 0])",
    "matrix product": "np.zeros((2000, 2000)) @ np.zeros((2000, 2000))",
    "product of many matrices": "np.zeros((1000, 1000, 1)) @ np.zeros((1000, 1, 1000))",
    "stack": "np.stack([np.zeros(4 * 10 ** 6)] * 200)",
    "concatenate": "np.concatenate([np.zeros(4 * 10 ** 6)] * 200)",
    "array of lists": "np.array([[0] * 250] * 250)[:, :, None] * np.zeros(10 ** 4)",
    "index": "np.zeros(10)[np.zeros(4 * 10 ** 6, dtype=int)][:, None] * np.zeros(10)",
    "bins": "np.histogram(frame, bins=10 ** 9)",
    "counts": "np.bincount(np.array([10 ** 9]))",
    "many counts": "np.bincount(np.array([1]), minlength=10 ** 9)",
    "membership": "np.isin(frame, np.arange(10 ** 6))",
    "unique": "np.unique(np.arange(4 * 10 ** 6))",
    "convolution": "np.convolve(np.zeros(10 ** 6), np.zeros(10 ** 6))",
    "determinant": "np.linalg.det(np.zeros((2000, 2000)))",
    "inverse": "np.linalg.inv(np.eye(2000))",
    "spectral norm": "np.linalg.norm(np.eye(2000), 2)",
    "dtype of many": "np.zeros(3, dtype='1000000000f8')",
    "dtype of text": "np.zeros(3, dtype='U1000000000')",
    "array of text": "np.zeros(4 * 10 ** 6).astype('U1000')",
    # Depth and length of the text.
    "deep parentheses": "(" * 10_000 + "1" + ")" * 10_000,
    "deep brackets": "[" * 10_000 + "1" + "]" * 10_000,
    "deep operators": "-" * 3000 + "1",
    "deep sums": "+".join(["frame[0, 0, 0]"] * 3000),
    "long attribute": "frame" + ".T" * 40_000,
    "long subscript": "frame" + "[0]" * 40_000,
    "many elements": f"[{'1,' * 90_000}]",
    "many arguments": f"max({'1,' * 60_000}1)",
    "many comparisons": "1" + "<1" * 50_000,
    "many conditions": "frame[0, 0, 0] > 1" + " and frame[0, 0, 0] > 1" * 8_000,
    "hundreds of conditions": "frame[0, 0, 0] > 1" + " and frame[0, 0, 0] > 1" * 900,
    "many fields": f"f'{'{frame.mean()}' * 1500}'",
    "many tuples": f"[{'(frame[0, 0, 0],),' * 9_000}]",
    "table": f"np.array([{'(1, -2),' * 9_000}]).sum()",
    "many known conditions": "True" + " and True" * 20_000,
}

# Bodies of an entry.
BODIES = {
    "doubled text": _doubled("s = 'ab'", "s = s + s", "return s == 'a'"),
    "doubled f-string": _doubled("s = 'ab'", "s = f'{s}{s}'", "return s == 'a'"),
    "doubled join": _doubled("s = 'ab'", "s = s.join([s, s, s])", "return s == 'a'"),
    "doubled format": _doubled("s = 'ab'", "s = '{0}{0}{0}'.format(s)", "return s == 'a'"),
    "doubled percent": _doubled("s = 'ab'", "s = '%s%s' % (s, s)", "return s == 'a'"),
    "replaced letters": _doubled("s = 'aa'", "s = s.replace('a', 'a' + s)", "return s == 'a'"),
    "replaced nothing": _doubled(
        "s = ''.replace('', 'bb')", "s = s.replace('', s)", "return s == ''"
    ),
    "split and joined": _doubled(
        f"s = '{'a,' * 1000}'", "s = s.join(s.split(','))", "return s == ''"
    ),
    "text of many paths": "\n".join(
        ["s = 'a'", *[f"if frame[0, 0, 0] > {i}:\n    s = s + 'b'" for i in range(200)]]
        + ["return s == 'a'"]
    ),
    "doubled tuple": _doubled("x = (0,)", "x = (x, x)", "return x == 1"),
    "tuple with itself": _doubled("x = (0,)", "x += x", "return len(x) > 1"),
    "list with itself": _doubled("x = [0]", "x = x + x", "return len(x) > 1"),
    "extended by itself": _doubled("x = [0]", "x.extend(x)", "return len(x) > 1"),
    "doubled list": _doubled("x = [frame.mean()]", "x = [x, x]", "return x == x"),
    "doubled dict": _doubled("x = {'a': 0}", "x = {'a': x, 'b': x}", "return x == x"),
    "printed doubled list": _doubled("x = [1.0]", "x = [x, x]", "print(x)\nreturn True"),
    "returned doubled dict": _doubled("x = 1.0", "x = {'a': x, 'b': x}", "return 1.0, x"),
    "list of itself": "x = [0]\nx.append(x)\nreturn x == x",
    "element of itself": "x = [0, 1]\nx[0] = x\nreturn x == x",
    "list inside itself": "x = [0]\nx.append([x])\nreturn x == x",
    "deque of itself": "x = collections.deque()\nx.appendleft(x)\nreturn x == x",
    "dict of itself": "x = {}\nx['a'] = x\nreturn x == {'a': x}",
    "tuple of itself in a loop": "x = None\nfor i in range(10000):\n    x = (x, x)\nreturn True",
    "growing while it is gone through": "x = [0]\nfor v in x:\n    x.append(v)\nreturn len(x) > 1",
    "unpacked": "a, *b = range(10 ** 9)\nreturn a == 1",
    "slice of a range": "x = [0]\nx[:] = range(10 ** 9)\nreturn x[0] == 1",
    "rotation": "d = collections.deque([1, 2])\nd.rotate(10 ** 300)\nreturn d[0] == 1",
    "shift in place": "x = 1\nx <<= 10 ** 12\nreturn x > 1",
    "squares": _doubled("x = 3", "x = x * x", "return x > 1"),
    "arrays kept": _doubled("x = []", "x.append(np.zeros(4 * 10 ** 6))", "return len(x) > 1", 200),
    "arrays of a comprehension": "x = [np.ones(4 * 10**6) * i for i in range(250)]\nreturn len(x) > 1",
    "arrays of a long loop": "x = []\nfor i in range(5000):\n    x.append(np.zeros(4 * 10 ** 6) + i)\n"
    "return len(x) > 1",
    "names of a namedtuple": f"P = collections.namedtuple('P', '{'a ' * 50_000}')\nreturn True",
    "many statements": _doubled("x = frame.mean()", "x = x + 1", "return x > 1", 3_900),
    "too many statements": _doubled("x = frame.mean()", "x = x + 1", "return x > 1", 18_000),
    "many branches": _doubled(
        "if frame[0, 0, 0] > 1:\n    x = 1",
        "elif frame[0, 0, 0] > 1:\n    x = 1",
        "return True",
        3_000,
    ),
    # Loops.
    "eight loops": _nested([f"for a{i} in range(100):" for i in range(8)], "x += 1"),
    "fifty loops": _nested([f"for a{i} in range(100):" for i in range(50)], "x += 1"),
    "twenty short loops": _nested([f"for a{i} in range(2):" for i in range(20)], "x += 1"),
    "fifteen loops of run-time length": _nested(
        [f"while x > {i}:" for i in range(15)], "x += 1", "x = frame.mean()"
    ),
    "long loop": "x = 0\nfor a in range(10 ** 12):\n    x += 1\nreturn x > 1",
    "product in a loop": "x = 0\nfor a in itertools.product(range(200), repeat=3):\n    x += 1\nreturn x > 1",
    "endless": "while True:\n    pass",
    "endless with work": "x = 0\nwhile 1:\n    x += 1\nreturn True",
    # Functions that call themselves where the resolver does not see it.
    "recursion through an argument": "g = lambda h: h(h)\nreturn g(g) > 1",
    "recursion through a list": "t = []\nt.append(lambda x: t[0](x))\nreturn t[0](3) > 1",
    "recursion through a fixed point": "Y = lambda g: (lambda x: g(lambda v: x(x)(v)))(lambda x: g(lambda v:"
    " x(x)(v)))\nreturn Y(lambda s: lambda n: s(n - 1))(3) > 1",
    "recursion through a key": "g = lambda h: max([1, 2], key=lambda v: h(h))\nreturn g(g) > 1",
    "recursion through a partial": "g = functools.partial(lambda h: h(h))\nreturn g(g) > 1",
    "recursion through reduce": "g = lambda h, v: h(h, v)\nreturn functools.reduce(g, [g, 1, 2]) > 1",
    "recursion through map": "g = lambda h: list(map(h, [h]))\nreturn len(g(g)) > 1",
    "recursion in a loop": "g = lambda h, x: h(h, x)\nx = 0.0\nfor i in range(10 ** 5):\n    x = g(g, x)\n"
    "return x > 1",
    "double recursion": "g = lambda h, x: h(h, x - 1) + h(h, x - 1) if x > 0 else 1\nreturn g(g, 40) > 1",
    "recursion at run time": "g = lambda h, x: h(h, x - 1) + h(h, x - 1) if x > 0 else 1\n"
    "return g(g, int(frame[0, 0, 0])) > 1",
    "chain of lambdas": f"{_LAMBDAS}\nreturn f40(frame.mean()) > 1",
}

# Every tile of a picture is written out, for each entry: too large, or lists under unknown keys.
TILES = """\
import numpy as np

def classify(tile):
    rgb = tile.reshape(-1, 3).astype(np.int16)
    r, g, b = rgb[:, 0], rgb[:, 1], rgb[:, 2]
    red = np.count_nonzero((r > 140) & (g < 90) & (b < 90))
    green = np.count_nonzero((g > 140) & (r < 90) & (b < 90))
    blue = np.count_nonzero((b > 140) & (r < 90) & (g < 90))
    yellow = np.count_nonzero((r > 70) & (g > 70) & (b < 60))
    gray = np.count_nonzero((np.ptp(rgb, axis=1) < 20) & (r > 70))
    if red >= 6:
        return 1
    if green >= 30:
        return 2
    if blue >= 30:
        return 7
    if yellow >= 36:
        return 3
    if yellow >= 3:
        border = np.count_nonzero(tile) - np.count_nonzero(tile[1:-1, 1:-1])
        return 4 if border >= 6 else 5
    return 6 if gray >= 48 else 0

def parse(picture):
    cells = {}
    for r in range(8):
        for c in range(8):
            tile = picture[r:r + 1, c:c + 1]
            cells[(r, c)] = [classify(tile), tile]
    return cells

def find(cells, kind):
    for place, cell in cells.items():
        if cell[0] == kind:
            return place
    return None

def key_gone(frame, initial_frame):
    return find(parse(initial_frame), 5) is not None and find(parse(frame), 5) is None

def at_goal(frame, initial_frame):
    return find(parse(frame), 1) == find(parse(initial_frame), 2)

def door_open(frame, initial_frame):
    place = find(parse(initial_frame), 3)
    return place is not None and find(parse(frame), 4) == place
"""

# Whole programs.
PROGRAMS = {
    "five megabytes": "def f(frame):\n    return frame.mean() > 1\n# " + "x" * 5_000_000,
    "five megabytes of statements": "def f(frame):\n" + "    x = 1\n" * 500_000,
    "NUL byte": "def f(frame):\n    return True\x00\n",
    "NUL byte in text": "def f(frame):\n    return '\x00' == ''\n",
    "direction of the text": "def f(frame):\n    x = 1  # \u202e\n    return True\n",
    "direction inside text": "def f(frame):\n    return '\u2066' == ''\n",
    "confusable name": "def f(frame):\n    fr\u0430me = 1\n    return frame.mean() > fr\u0430me\n",
    "disguised builtin": "def f(frame):\n    return \U0001d41e\U0001d42f\U0001d41a\U0001d425('1')\n",
    "disguised attribute": "def f(frame):\n    return frame.__\U0001d41cla\u017fs__\n",
    "half a character": "def f(frame):\n    return '\ud800' == ''\n",
    "chain of calls": f"{_CHAIN}def f40(x): return x\ndef f(frame): return f0(frame.mean()) > 1\n",
    "chain of known calls": f"{_CHAIN}def f40(x): return x\ndef f(frame): return f0(1) > 1\n",
    "chain of loops": "".join(
        f"def g{i}(x):\n    for i in range(1000):\n        x = g{i + 1}(x)\n    return x\n"
        for i in range(8)
    )
    + "def g8(x): return x + 1\ndef f(frame): return g0(frame.mean()) > 1\n",
    "recursion": "def g(x): return g(x - 1)\ndef f(frame): return g(3) > 1\n",
    "recursion of two": "def g(x): return h(x)\ndef h(x): return g(x)\ndef f(frame): return g(3) > 1\n",
    "recursion through a table": "def g(t, x):\n    h = t['a']\n    return h(t, x - 1)\n"
    "def f(frame): return g({'a': g}, frame.mean()) > 1\n",
    "recursion through a default": "def g(x, h=None): return h(x, h)\ndef f(frame): return g(1, g) > 1\n",
    "recursion of a method": "class A:\n    def go(self, x):\n        return x.go(self)\n"
    "    def step(self, frame):\n        return self.go(A()) > 1\n",
    "recursion through a field": "class B:\n    def __init__(self, fn):\n        self.fn = fn\n"
    "def g(b): return b.fn(b)\ndef f(frame): return g(B(g)) > 1\n",
    "recursion of an object that is called": "class B:\n    def __call__(self, x):\n        return x(x)\n"
    "def f(frame): return B()(B()) > 1\n",
    "recursion of a constructor": "class B:\n    def __init__(self, k):\n        self.b = k(k)\n"
    "def f(frame):\n    b = B(B)\n    return True\n",
    "recursion of a length": "class B:\n    def __len__(self):\n        return len(self)\n"
    "def f(frame): return len(B()) > 1\n",
    "recursion of a property": "class B:\n    @property\n    def a(self):\n        x = self\n        return x.a\n"
    "def f(frame): return B().a > 1\n",
    "doubled object": "class N:\n    def __init__(self, x):\n        self.a = self.b = x\n"
    "class A:\n    def __init__(self):\n        x = 1.0\n"
    + "        x = N(x)\n" * 50
    + "        self.x = x\n    def step(self, frame):\n        return True\n",
    "object of itself": "class A:\n    def __init__(self):\n        self.me = self\n"
    "    def step(self, frame):\n        return self.me is self\n",
    "objects of each other": "class B:\n    def __init__(self, a):\n        self.a = a\n"
    "class A:\n    def __init__(self):\n        self.b = B(self)\n"
    "    def step(self, frame):\n        return frame.mean() > 3\n",
    "remembered list of itself": "class A:\n    def __init__(self):\n        self.x = [0]\n"
    "        self.x[0] = self.x\n    def step(self, frame):\n        return len(self.x) > 3\n",
    "remembered chain": "class N:\n    def __init__(self, n):\n        self.n = n\n"
    "class A:\n    def __init__(self):\n        self.x = None\n"
    "    def step(self, frame):\n        self.x = N(self.x)\n        return True\n",
    "remembered pairs": "class A:\n    def __init__(self):\n        self.x = None\n"
    "    def step(self, frame):\n        self.x = (self.x, self.x)\n        return True\n",
    "remembered array": "import numpy as np\nclass A:\n    def __init__(self):\n"
    "        self.x = np.zeros(4 * 10 ** 6)\n    def step(self, frame):\n"
    "        self.x = self.x + frame[0, 0, 0]\n        return True\n",
}

BOMBS = {
    **{name: _entry(f"x = {text}\nreturn x == 1") for name, text in EXPRESSIONS.items()},
    **{name: _entry(body) for name, body in BODIES.items()},
    **PROGRAMS,
}

_LOOPS = _nested([f"for a{i} in range(900):" for i in range(3)], "x += 1")
_TURNS = "for a in range(1000) for b in range(1000) for c in range(1000)"

# Bodies that are accepted; each stops at run time: of itself, or at a limit.
_HARMLESS = {
    "in a range": ("no fault", "return 3 in range(10 ** 12)"),
    "number of the frame in a range": ("no fault", "return frame[0, 0, 0] in range(10 ** 12)"),
    "float in a range": ("no fault", "return 3.5 in range(10 ** 12)"),
    "element of a range": ("no fault", "return range(10 ** 12)[10 ** 11] == 10 ** 11"),
    "equal ranges": ("no fault", "return range(10 ** 12) == range(10 ** 12)"),
    "negative length": ("no fault", "return [0] * -10 ** 9 == []"),
    "negative power": ("no fault", "return 2 ** -(10 ** 9) == 0"),
    "large room": ("no fault", "return len(collections.deque(maxlen=10 ** 12)) == 0"),
    "long float": ("no fault", f"return 1{'0' * 100_000}.0 > 1"),
    "known while": ("budget", "x = 0\nwhile x < 10 ** 9:\n    x += 1\nreturn x > 1"),
    "endless by comparison": ("budget", "x = 0\nwhile 1 == 1:\n    x += 1\nreturn True"),
    "break that never comes": ("budget", "while True:\n    if False:\n        break\nreturn True"),
    "endless by the frame": ("budget", "x = frame.mean()\nwhile x > -1:\n    x += 1\nreturn True"),
    "growing list": (
        "overflowed",
        "x = []\nfor i in range(10 ** 5):\n    x.append(i)\nreturn len(x) > 1",
    ),
    "growing list of a while": (
        "overflowed",
        "x = [0]\nwhile x:\n    x.append(1)\nreturn len(x) > 1",
    ),
    "set of a million": (
        "overflowed",
        "x = set()\nfor i in range(10 ** 6):\n    x.add(i)\nreturn len(x) > 1",
    ),
    "dict of a million": (
        "overflowed",
        "x = {}\nfor i in range(10 ** 6):\n    x[i] = i\nreturn len(x) > 1",
    ),
    "loops": ("budget", _LOOPS),
    "sum over loops": ("budget", f"return sum(1 {_TURNS}) > 1"),
    "comprehension": ("overflowed", f"return len([0 {_TURNS}]) > 1"),
    "squares in a loop": ("64-bit", "x = 3\nfor i in range(10 ** 5):\n    x = x * x\nreturn x > 1"),
    "shifts in a loop": ("64-bit", "x = 1\nfor i in range(10 ** 5):\n    x = x << 1\nreturn x > 1"),
}
HARMLESS = {name: (fault, _entry(body)) for name, (fault, body) in _HARMLESS.items()}
