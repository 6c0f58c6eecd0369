"""The manual as a site: the pages of the package with the program's tables in them, made by Zensical.

python .github/site.py FOLDER            writes FOLDER/site; a link that leads nowhere fails it
python .github/site.py FOLDER --pages    writes the pages alone, FOLDER/docs
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

from funnelcli.cli.app import COMMANDS, GROUPS, OPENING, purpose
from funnelcli.cli.manual import command_pages, tables
from funnelcli.cli.manual.topics import KINDS
from funnelcli.docs import codes, pages, read

ROOT = Path(__file__).parent.parent
REPOSITORY = "https://github.com/funnelcli/funnelcli/blob/main/"
"""Where links lead that leave the manual."""
OUTSIDE = re.compile(r"\]\((?:\.\./)+((?:sample_funnels|tests|\.github|README)[^)]*)\)")
PICTURES = ".github/pictures/"


def write_pages(folder: Path) -> dict[str, list[str]]:
    """The pages as Markdown, by the headings of the navigation."""
    shutil.copytree(ROOT / PICTURES, folder / "pictures")
    made = {kind: table.make() for kind, table in tables.TABLES.items()}
    shown = {name for page in pages.pages() for name in page.tables}
    navigation: dict[str, list[str]] = {}

    def write(heading: str, path: str, text: str) -> None:
        navigation.setdefault(heading, []).append(path)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(outward(text, path), encoding="utf-8")

    write("Manual", "index.md", _first_page())
    for page in pages.pages():
        heading = "Manual" if page.kind in ("tutorial", "changelog") else KINDS[page.kind][0]
        write(heading, page.path, pages.filled(page.text, made))
    for name in COMMANDS:
        write("Commands", f"commands/{name}.md", command_pages.page(name))
    for name, table in tables.TABLES.items():
        if name not in shown:
            write("Reference", f"reference/{name}.md", f"# {table.title}\n\n{table.answers}\n\n{made[name]}")
    if pages.words():
        write("Reference", "words.md", read("words.md"))
    for code in codes():
        write("Codes", f"codes/{code}.md", read(f"codes/{code}.md"))
    return navigation


def outward(text: str, path: str) -> str:
    """A page with its links to other files of the repository as links to where that lies, and pictures beside it."""
    up = "../" * path.count("/")

    def led(link: re.Match[str]) -> str:
        target = link[1]
        return (
            f"]({up}pictures/{target.removeprefix(PICTURES)})"
            if target.startswith(PICTURES)
            else f"]({urljoin(REPOSITORY, target)})"
        )

    return OUTSIDE.sub(led, text)


def _first_page() -> str:
    """The way in: what the program is for, the tutorial, questions, commands."""
    parts = [
        "# funnelcli",
        OPENING,
        "```sh\npipx install funnelcli\nfunnelcli show Visits=12400 Cart=830 Paid=377\n```",
    ]
    for kind in ("tutorial", "guide"):
        listed = [f"- [{page.title}]({page.path})" for page in pages.pages() if page.kind == kind]
        parts += [f"## {KINDS[kind][0]}", "\n".join(listed)] if listed else []
    parts.append("## Commands")
    for group, names in GROUPS.items():
        parts += [f"**{group}**", "\n".join(f"- [`{name}`](commands/{name}.md): {purpose(name)}" for name in names)]
    return "\n\n".join(parts) + "\n"


def configuration(navigation: dict[str, list[str]]) -> str:
    """What Zensical is told."""
    listed = ",\n".join(f"  {{{json.dumps(heading)} = {json.dumps(paths)}}}" for heading, paths in navigation.items())
    return f"""\
[project]
site_name = "funnelcli"
site_url = "https://funnelcli.github.io/funnelcli/"
repo_url = "https://github.com/funnelcli/funnelcli"
nav = [
{listed}
]
[project.theme]
language = "en"
features = ["navigation.tabs", "navigation.instant", "content.code.copy", "search.highlight"]
[project.markdown_extensions.tables]
[project.markdown_extensions.pymdownx.superfences]
[project.markdown_extensions.toc]
permalink = true
"""


def main(arguments: list[str]) -> int:
    """Write the site; the exit code is that of Zensical."""
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    navigation = write_pages(folder / "docs")
    (folder / "zensical.toml").write_text(configuration(navigation), encoding="utf-8")
    if "--pages" in arguments:
        return 0
    return subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
