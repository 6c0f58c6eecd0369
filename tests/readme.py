"""Examples of the README and of the manual as they print now; run as a program, it brings all of them up to date."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cli.forking import forks

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "funnelcli" / "docs"
_ELSEWHERE = ("codes/", "changelog.md")
"""Pages whose examples other tests hold, or that have none."""
_BLOCK = re.compile(r"^```(console|python|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LOOKS = ("FORCE_COLOR", "PYTHONIOENCODING", "COLUMNS", "GITHUB_ACTIONS", "GIT_")
"""How variables begin that change what is printed."""
_AUTHOR = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
}
"""Who commits in the examples of git."""
_FILE = re.compile(r"# (\S+\.yaml)\n")


def pages() -> list[Path]:
    """The README and every page of the manual that may have examples."""
    manual = (
        page for page in sorted(DOCS.rglob("*.md")) if not page.relative_to(DOCS).as_posix().startswith(_ELSEWHERE)
    )
    return [README, *manual]


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def blocks(text: str, language: str) -> list[str]:
    """Blocks of a page in `console`, `python` or `yaml`, without their fences."""
    return [block for named, block in _BLOCK.findall(text) if named == language]


def updated(text: str) -> str:
    """The page with the output of its examples as it is now.

    Its commands run in order in one folder, with the samples in it; a YAML block whose first line is `# NAME.yaml` is
    that file from there on.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("sample_funnels", "tests"):
            (folder / name).symlink_to(ROOT / name, target_is_directory=True)

        def renewed(found: re.Match[str]) -> str:
            language, block = found.groups()
            if language == "yaml" and (name := _FILE.match(block)):
                (folder / name[1]).write_text(block, encoding="utf-8")
            if language != "console":
                return found[0]
            return "```console\n" + "".join(f"$ {each}\n{_printed(each, folder)}" for each in commands(block)) + "```"

        return _BLOCK.sub(renewed, text)


def _printed(command: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_LOOKS)} | {
        "HOME": str(folder)
    }
    environment |= _AUTHOR
    program, *arguments = shlex.split(command)
    loaded = forks(arguments) if program == "funnelcli" and not set(command) & set("|;$<>") else None
    if loaded is not None:
        with tempfile.TemporaryFile() as said:
            streams = {1: said.fileno(), 2: said.fileno()}
            with loaded.started(arguments, environment, folder, streams=streams) as finish:
                finish()
            said.seek(0)
            return said.read().decode("utf-8")
    program = command.replace("funnelcli ", f"{shlex.quote(sys.executable)} -m funnelcli ")
    result = subprocess.run(
        ["sh", "-c", program],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return result.stdout


def _bring_up_to_date(page: Path) -> None:
    page.write_text(updated(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for page in pages():
        _bring_up_to_date(page)
