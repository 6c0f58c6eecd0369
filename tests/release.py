"""Run as a program with a tag, `v0.2.0`: what changed with that version, or why the tag is not that of a release."""

from __future__ import annotations

import sys

from funnelcli.docs.releases import releases


def notes(tag: str) -> str:
    """What the changelog tells of the version that a tag names; `ValueError` where it is not the newest."""
    newest = releases()[0]
    if tag != f"v{newest.version}":
        raise ValueError(f"the tag is {tag}, and the newest version of the changelog is {newest.version}")
    return newest.changes


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{notes(sys.argv[1])}\n")
    except ValueError as error:
        sys.exit(str(error))
