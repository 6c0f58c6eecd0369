"""How much memory may be used: a share of what is free, or what was asked for."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

SHARE = 0.5
"""Of the memory that is free when a measurement begins; a container's limit counts like that of a machine."""
LEAST = 256_000_000
"""With less than this, DuckDB cannot read files side by side."""
UNKNOWN = 2_000_000_000
"""What is taken for free where the system does not tell."""
_UNITS = ("", "k", "m", "g", "t")


def default() -> int:
    """Bytes that a measurement may hold unless it is told otherwise."""
    return max(LEAST, int(free() * SHARE))


def amount(text: str) -> int | None:
    """`2GB`, `500 MB` or `1.5GiB` as bytes; `None` for what is none."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)(i?)b?", text.strip().lower())
    if match is None or (match[3] and not match[2]):
        return None
    return int(float(match[1]) * (1024 if match[3] else 1000) ** _UNITS.index(match[2]))


def free(root: str = "/") -> int:
    """Bytes that are free, by the system and by the limits of the control groups that the process is in (Linux)."""
    known = [_of_machine(root), *_of_groups(root)]
    return min((each for each in known if each is not None), default=UNKNOWN)


def _of_machine(root: str) -> int | None:
    kilobytes = _told(Path(root, "proc/meminfo"), "MemAvailable:")
    if kilobytes is not None:
        return kilobytes * 1024
    with suppress(OSError, ValueError, AttributeError):  # all there is; how much of it is free is not told
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return None


def _of_groups(root: str) -> list[int]:
    """What is left of the limit of each group above the process, of both versions of control groups."""
    found = []
    with suppress(OSError, ValueError):
        for line in Path(root, "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            base = Path(root, "sys/fs/cgroup", "memory" if controllers else "")
            names = (
                ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
            )
            folder = base / path.lstrip("/")
            for group in (folder, *folder.parents):
                with suppress(OSError, ValueError):
                    limit, used = (int((group / name).read_text(encoding="ascii")) for name in names)
                    # what was read of files is given back when it is needed
                    cache = _told(group / "memory.stat", "inactive_file", "total_inactive_file") or 0
                    found.append(max(0, limit - used + cache))
                if group == base:
                    break
    return found


def _told(file: Path, *names: str) -> int | None:
    """The number that stands in a file behind the first of these names."""
    with suppress(OSError, ValueError, IndexError):
        for line in file.read_text(encoding="ascii").splitlines():
            if line.startswith(tuple(f"{name} " for name in names)):
                return int(line.split()[1])
    return None
