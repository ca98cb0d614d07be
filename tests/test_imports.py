"""The floors of the house hold, and importing jaxcar costs little."""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1] / "jaxcar"
EVERYTHING = {"*"}
FLOORS = {
    "errors": {"lang"},  # for types only
    "version": set(),
    "lang": {"errors"},
    "vision": {"errors"},
    "program": {"errors", "lang", "vision"},
    "envs": {"errors"},
    "payment": {"errors", "observed"},
    "observed": {"errors", "envs", "program"},
    "rewarded": {"errors", "envs", "program", "observed", "payment"},
    "pictures": {"errors", "envs"},
    "vlm": {"errors", "lang"},
    "verification": {"errors", "envs", "program", "observed", "payment", "rewarded"},
    "synthesize": {
        *("errors", "vlm", "verification", "probe", "program", "lang", "envs", "pictures"),
    },
    "rl": {"errors", "envs.rollout"},
    "probe": {"errors", "rewarded", "rl", "verification"},
    "run": {
        *("errors", "version", "rl", "rewarded", "envs", "verification", "synthesize"),
        *("lang", "program", "vlm"),  # it stores and recompiles sources, prompts and replies
    },
    "commands": EVERYTHING,
    "cli": EVERYTHING,
    "__main__": EVERYTHING,
    "__init__": EVERYTHING,
}
READS_STORED_DATA_ONLY = ("run/report.py", "run/charts.py", "run/summary.py", "run/store.py")


def imports_of(path):
    """The jaxcar modules that a file imports, and whether each import is for types only."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for child in branch.body
        for node in ast.walk(child)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            package = ROOT.parent.joinpath(*node.module.split(".")).is_dir()
            names = [f"{node.module}.{a.name}" if package else node.module for a in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "jaxcar":
                yield name.partition(".")[2], id(node) in typing_only


FILES = sorted(path for path in ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_the_floors_below(path):
    floor = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert floor in FLOORS, f"{floor}: say in FLOORS what it may import"
    allowed = FLOORS[floor] | {floor}
    if allowed >= EVERYTHING:
        return
    for name, typing_only in imports_of(path):
        fits = any(name == a or name.startswith(f"{a}.") for a in allowed)
        if name and not fits:
            assert typing_only, f"{path}: imports jaxcar.{name}"


@pytest.mark.parametrize("name", READS_STORED_DATA_ONLY)
def test_the_report_reads_stored_data_only(name):
    allowed = ("errors", "run.charts", "run.summary", "run.store", "run.metrics", "run")
    for module, typing_only in imports_of(ROOT / name):
        assert typing_only or module in allowed
    text = (ROOT / name).read_text()
    assert "import jax\n" not in text


def test_packages_list_names_and_hold_no_logic():
    for path in ROOT.rglob("__init__.py"):
        if path.parent in (ROOT, ROOT / "vision"):
            continue  # they load their names lazily
        for node in ast.parse(path.read_text()).body:
            fine = isinstance(node, ast.Import | ast.ImportFrom | ast.Expr) or (
                isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            )
            assert fine, f"{path}:{node.lineno}"


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_jaxcar_is_cheap():
    heavy = ("gymnax", "flax", "matplotlib", "optax", "orbax", "pandas", "rich", "tyro", "PIL")
    code = f"import sys, jaxcar; print([m for m in {heavy} if m in sys.modules])"
    assert run(code) == "[]"
    clock = "import time; t = time.perf_counter(); import jax; a = time.perf_counter(); "
    extra = float(run(clock + "import jaxcar; print(time.perf_counter() - a)"))
    assert extra <= 0.5


def test_the_vocabulary_of_plain_python_needs_no_jax():
    code = "import sys; from jaxcar.vision.host import blobs; print('jax' in sys.modules)"
    assert run(code) == "False"


def test_names_of_vision_are_no_modules():
    """Some of its modules are called like functions of theirs."""
    check = "print([n for n in vision.__all__ if isinstance(getattr(vision, n), ModuleType)])"
    for first in ("from jaxcar.vision import thresholds", "import jaxcar.vision.circle"):
        assert (
            run(f"{first}; from types import ModuleType; from jaxcar import vision; {check}")
            == "[]"
        )


def test_vision_lists_its_names():
    same = "print(sorted(vision.__all__) == sorted(public.__all__))"
    assert run(f"from jaxcar import vision; from jaxcar.vision import public; {same}") == "True"


def test_every_public_name_resolves():
    assert run("import jaxcar; print([n for n in jaxcar.__all__ if getattr(jaxcar, n) is None])")
