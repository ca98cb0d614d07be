"""The report: from stored files alone, self-contained, and escaped."""

import html.parser
import re
import subprocess
import sys

import pytest
import stored

from jaxcar.errors import RunError
from jaxcar.run import report


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    made = stored.make(tmp_path_factory.mktemp("runs") / "demo")
    report.write_report(made)
    return made


@pytest.fixture(scope="module")
def text(run):
    return run.report.read_text()


class Links(html.parser.HTMLParser):
    """Collects what a page would load, and checks that tags are closed in order."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self):
        super().__init__()
        self.links, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href", "data")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href", "data")]

    def handle_endtag(self, tag):
        if tag not in ("p", "li"):
            while self.open[-1] in ("p", "li"):
                self.open.pop()
            assert self.open.pop() == tag
        elif self.open[-1] == tag:
            self.open.pop()


def test_it_loads_nothing_from_outside(text):
    links = Links()
    links.feed(text)
    assert links.open == []
    assert links.links, "pictures are part of the page"
    assert all(link.startswith(("data:image/", "#")) for link in links.links)
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def test_it_shows_what_was_stored(text):
    for words in (
        "MiniGrid-DoorKey-8x8-v0",
        "programs accepted",
        "Reach the &lt;green&gt; square.",
        "Look at &lt;both&gt; pictures.",
        "has_key",
        "23 456",
        "163 840",
        "sha256",
        "2.1 %",
        "solved in 24 steps",
        "jax 0.10.2",
        "At equal steps",
        "prefers-color-scheme: dark",
    ):
        assert words in text
    assert text.count("<svg") == 3
    assert "<both>" not in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert "#010203" not in text


def test_it_is_made_without_jax(run):
    code = (
        "import pathlib, sys; from jaxcar.run import report, store; "
        f"report.write_report(store.RunDirectory(pathlib.Path({str(run.path)!r}))); "
        "sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_run_without_programs_has_a_report_too(tmp_path):
    made = stored.make(tmp_path / "sparse")
    made.verdict.unlink()
    made.film.unlink()
    (made.programs / "index.json").unlink()
    made.subtasks.unlink()
    found = report.store.read_json(made.summary)
    report.store.write_json(made.summary, found | {"verdict": None})
    assert "<h2>Verdict" not in report.write_report(made).read_text()


def test_a_rejected_verdict_gives_its_reasons(tmp_path):
    made = stored.make(tmp_path / "rejected")
    report.store.write_json(made.verdict, stored.verdict(accepted=False))
    page = report.write_report(made).read_text()
    assert "programs rejected" in page
    assert "completes in 5 of 1000 expert trajectories" in page


def test_a_missing_file_is_an_error(tmp_path):
    made = stored.make(tmp_path / "broken")
    made.summary.unlink()
    with pytest.raises(RunError, match=r"summary\.json"):
        report.write_report(made)
    assert not made.report.exists()
