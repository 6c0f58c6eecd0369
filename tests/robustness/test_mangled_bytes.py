"""Bytes that are hardly YAML, and files that are made to be slow or large: nothing is raised, and little is spent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.lint.rules import RULES
from tests.conftest import ROOT, SAMPLES
from tests.robustness.adversarial import FILES
from tests.robustness.mangling import FRAGMENTS, Change, changes, mangled
from tests.robustness.properties import NAME, examine, lines_of, places_are_right
from tests.robustness.strategies import files
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from pathlib import Path

many = settings(
    max_examples=whole_or_part(60, 25),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
EXPANDED = "alias_expansion.yaml"
"""Aliases make it slow to read, and each mending of what was mangled repeats it; as it is, it is read elsewhere."""
FOUND = [*(ROOT / "tests" / "bad_funnels").glob("*.yaml"), *SAMPLES.glob("*.yaml")]
WRITTEN = sorted(path for path in FOUND if path.name != EXPANDED)


@many
@given(st.sampled_from(WRITTEN), changes)
def test_mangled_files_are_read_to_the_end(path: Path, edits: list[Change]) -> None:
    examine(mangled(path.read_bytes(), edits))


@settings(many, max_examples=whole_or_part(20, 8))
@given(files(), changes)
def test_mangled_funnels_are_read_to_the_end(text: str, edits: list[Change]) -> None:
    examine(mangled(text.encode(), edits))


@many
@given(st.binary(max_size=60) | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join))
def test_any_bytes_are_read_to_the_end(data: bytes) -> None:
    examine(data)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=repr)
def test_a_fragment_alone_is_read_to_the_end(fragment: bytes) -> None:
    examine(fragment)


@pytest.mark.parametrize("escape", ["\\ud800", "\\ud83d\\ude00", "\\U00110000", "\\UFFFFFFFF"])
def test_an_escape_of_no_character_is_refused_by_both_loaders(escape: str) -> None:
    data = f'name: "{escape}"\nstages: {{Visits: 2, Sales: 1}}\n'.encode()
    for loader in (None, PurePythonLoader):
        reading = read(data, "test.yaml", loader)
        assert [(each.problem.code, each.location.line) for each in reading.diagnostics] == [("FN004", 1)]


@pytest.mark.parametrize("data", [b"a\rb\xff", b"a\r\nb\xff", b"a\nb\xff", b"\xef\xbb\xbfa\nb\xff"], ids=repr)
def test_what_is_not_utf_8_has_its_place_whatever_ends_the_lines(data: bytes) -> None:
    (diagnostic,) = read(data, "test.yaml").diagnostics
    assert (diagnostic.problem.code, diagnostic.location.line, diagnostic.location.column) == ("FN001", 2, 2)


@pytest.mark.parametrize("data", [b"[", b"{", b"a: [1,", b"a: {b: "], ids=repr)
def test_the_end_of_a_file_without_a_line_end_lies_inside_it(data: bytes) -> None:
    (diagnostic,) = read(data, "test.yaml").diagnostics
    assert (diagnostic.problem.code, diagnostic.location.line) == ("FN004", 1)
    assert diagnostic.source == data.decode()


def test_an_unknown_directive_is_refused_by_both_loaders() -> None:
    data = b"%FOO 1\n---\nstages: {Visits: 2, Sales: 1}\n"
    for loader in (None, PurePythonLoader):
        (diagnostic,) = read(data, "test.yaml", loader).diagnostics
        assert (diagnostic.problem.code, diagnostic.location.line) == ("FN004", 1)


# Time and memory

PART = whole_or_part(1, 3)
"""Into which the sizes and the times are divided."""
TINY, SMALL, LARGE = 750, 3_000 // PART, 12_000 // PART
MEASURED = """
import json, resource, sys
from funnelcli.lint.rules import RULES
from funnelcli.funnel_file.reader import read
from tests.robustness.adversarial import FILES

resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def spent(name, size):
    data = FILES[name](size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    read(data, "test.yaml", rules=RULES)
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def pace():
    # how fast the machine is just now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    sum(len(str(number)) for number in range(200_000))
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before


def peak():
    # megabytes; the kernel counts for a process also what its parent had when it started, but for VmHWM
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


names = json.loads(sys.argv[1])
tiny, small, large = map(int, sys.argv[2:5])
little, most = map(float, sys.argv[5:7])
for name in names:
    for _ in range(6):  # what took long once may have been the machine; a square is one each time
        unit, again = pace(), spent(name, tiny)
        first, second = min(spent(name, small) for _ in range(2)) / unit, spent(name, large) / unit
        again /= unit
        if (second <= little or second < 10 * first) and max(again, first, second) < most:
            break
    print(json.dumps([name, again, first, second, peak()]))
"""
MOST, LITTLE = 90 / PART, 4.5 / PART
"""How many times as long as a loop of 200,000 steps it may take, and from which on growth is told from noise."""
KNOWN_TO_BE_SQUARE = {"checks of unknown stages of many", "checks of many stages in capitals", "changes"}
"""Stage names are searched for once for each selector: quick for funnels that people read."""


def test_four_times_the_size_takes_far_less_than_sixteen_times_as_long_and_little_memory() -> None:
    """Processor time in a process of its own with hard limits; a square would be at 16, a line is at 4.

    A text that is short is read again the most often to find out what is meant.
    """
    names = [name for name in FILES if name not in KNOWN_TO_BE_SQUARE]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, json.dumps(names), str(TINY), str(SMALL), str(LARGE), str(LITTLE), str(MOST)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    measured = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, *_ in measured] == names, done.stderr
    for name, tiny, small, large, megabytes in measured:
        assert large <= LITTLE or large < 10 * small, (name, small, large)
        assert max(tiny, small, large) < MOST, (name, tiny, small, large)
        assert megabytes < 300, (name, megabytes)


@pytest.mark.parametrize("name", FILES)
def test_what_is_large_is_read_and_its_places_are_right(name: str) -> None:
    large = FILES[name](800)
    places_are_right(read(large, NAME, rules=RULES), lines_of(large))
    examine(FILES[name](100))


def test_the_names_of_many_stages_do_not_fill_each_message() -> None:
    stages = "".join(f"  stage {number}: 1\n" for number in range(200))
    data = f"stages:\n{stages}breakdowns:\n  channel:\n    Ads: [1]\n".encode()
    (problem,) = [each.problem for each in read(data, "test.yaml").diagnostics]
    assert problem.code == "FN114"
    assert '"stage 11"' in (problem.help or "")
    assert '"stage 12"' not in (problem.help or "")


def test_a_very_long_key_is_shortened_in_the_path_of_what_stands_below_it() -> None:
    data = f'? "{"k" * 5000}"\n: 1\nstages: {{Visits: 2, Sales: 1}}\n'.encode()
    (diagnostic,) = read(data, "test.yaml").diagnostics
    assert diagnostic.path == "k" * 200 + "…"


@pytest.mark.parametrize(("stages", "sound"), [(150, True), (160, False)])
def test_conversions_that_make_numbers_without_end_are_refused(stages: int, sound: bool) -> None:
    """Each conversion of 12.34% adds four decimals: 600 digits are passed at the 151st, counted from 1 unit.

    617 / 5000 is in lowest terms, so that the denominator after n of them is 5000^n: 5000^162 < 10^600 < 5000^163.
    """
    lines = "".join(f"- {{name: s{number}, conversion: 12.34%}}\n" for number in range(stages + (0 if sound else 10)))
    reading = read(f"stages:\n- {{name: Visits, count: 1}}\n{lines}".encode(), "test.yaml")
    assert [each.problem.code for each in reading.diagnostics] == ([] if sound else ["FN119"])


def test_comments_that_ignore_are_matched_as_before_when_there_are_many() -> None:
    lines = "".join(f"  s{number}: 1  # funnelcli: ignore[FN305]\n" for number in range(50))
    reading = read(f"stages:\n  first: 1\n{lines}".encode(), "test.yaml", rules=RULES)
    assert [each.problem.code for each in reading.diagnostics if each.severity is Severity.ERROR] == []
    assert [each.problem.code for each in reading.diagnostics] == []
