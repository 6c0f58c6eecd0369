"""Files with one line moved, lost, doubled or swapped, as a hand or a merge does it: nothing is raised."""

from __future__ import annotations

from funnelcli.analyses.checks import run_checks
from funnelcli.funnel_file.mended import marked
from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from tests.robustness.mangling import with_a_line_moved
from tests.robustness.properties import NAME, lines_of, places_are_right
from tests.robustness.test_mangled_bytes import WRITTEN
from tests.thorough import few


def is_text(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


KNOWN = [data.decode() for data in (path.read_bytes() for path in WRITTEN) if is_text(data)]


def test_a_moved_line_is_no_defect() -> None:
    """What `check` does with a file: all is read, marked and checked, and said at its place."""
    for text in few([changed for known in KNOWN for changed in with_a_line_moved(known)], 120):
        data = text.encode()
        reading = read(data, NAME, rules=RULES)
        places_are_right(reading, lines_of(data))
        marked(data, reading)
        for funnel in reading.funnels:
            run_checks(funnel, funnel.checks, reading.funnels)
