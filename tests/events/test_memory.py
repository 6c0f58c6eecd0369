"""How much memory a measurement takes: of machines and containers that are written down as folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.events.memory import LEAST, SHARE, UNKNOWN, amount, default, free

if TYPE_CHECKING:
    from pathlib import Path

GB = 1_000_000_000


def machine(root: Path, files: dict[str, object]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="ascii")
    return str(root)


MEMINFO = {"proc/meminfo": "MemTotal: 32000000 kB\nMemFree: 1 kB\nMemAvailable: 16000000 kB"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (MEMINFO, 16_000_000 * 1024),
        (  # a container with 2 GB, of which 1.5 are taken, 0.4 of these by files that were read
            {
                **MEMINFO,
                "proc/self/cgroup": "0::/docker/x",
                "sys/fs/cgroup/docker/x/memory.max": 2 * GB,
                "sys/fs/cgroup/docker/x/memory.current": 1_500_000_000,
                "sys/fs/cgroup/docker/x/memory.stat": "anon 5\ninactive_file 400000000",
            },
            900_000_000,
        ),
        (  # the limit of the group above counts as well
            {
                **MEMINFO,
                "proc/self/cgroup": "0::/pod/x",
                "sys/fs/cgroup/pod/x/memory.max": "max",
                "sys/fs/cgroup/pod/x/memory.current": 5,
                "sys/fs/cgroup/pod/memory.max": 3 * GB,
                "sys/fs/cgroup/pod/memory.current": 1 * GB,
            },
            2 * GB,
        ),
        (  # the first version of control groups; the group of another controller says nothing
            {
                **MEMINFO,
                "proc/self/cgroup": "3:cpu:/y\n2:memory:/x",
                "sys/fs/cgroup/memory/x/memory.limit_in_bytes": 1 * GB,
                "sys/fs/cgroup/memory/x/memory.usage_in_bytes": 400_000_000,
            },
            600_000_000,
        ),
        (  # a limit above what the machine has is none
            {
                **MEMINFO,
                "proc/self/cgroup": "0::/",
                "sys/fs/cgroup/memory.max": 9_223_372_036_854_771_712,
                "sys/fs/cgroup/memory.current": 5,
            },
            16_000_000 * 1024,
        ),
    ],
)
def test_what_is_free_is_that_of_the_machine_or_the_container(
    files: dict[str, object], expected: int, tmp_path: Path
) -> None:
    assert free(machine(tmp_path, files)) == expected


def test_the_default_is_a_share_of_what_is_free() -> None:
    assert LEAST <= default() <= max(LEAST, SHARE * free() * 1.5)
    assert SHARE == 0.5
    assert UNKNOWN > LEAST


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2GB", 2 * GB),
        ("2 gb", 2 * GB),
        ("1.5GiB", 1_610_612_736),
        ("500M", 500_000_000),
        ("1000000000", GB),
        ("half", None),
        ("-2GB", None),
        ("2iB", None),
        ("", None),
    ],
)
def test_amounts(text: str, expected: int | None) -> None:
    assert amount(text) == expected
