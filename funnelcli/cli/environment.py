"""The environment variables that the program reads: one table, which the manual shows and a test holds complete."""

from typing import NamedTuple


class Variable(NamedTuple):
    """A variable: its name, what it decides, and an example as a shell takes it."""

    name: str
    meaning: str
    example: str


VARIABLES = (
    Variable("NO_COLOR", "Any value: no colour, unless `--color always`. See no-color.org.", "NO_COLOR=1"),
    Variable("FORCE_COLOR", "Any value but 0: colour also through a pipe, unless `--color never`.", "FORCE_COLOR=1"),
    Variable("TERM", "`dumb`: a terminal without colour.", "TERM=dumb"),
    Variable(
        "FUNNELCLI_CONFIG",
        "The file of your defaults, in place of the nearest one; `--config` outranks it.",
        "FUNNELCLI_CONFIG=team.yaml",
    ),
    Variable("COLUMNS", "The width of a terminal in characters, in place of what the terminal says.", "COLUMNS=120"),
    Variable("LINES", "The height of a terminal; `help` uses the pager for what is longer.", "LINES=40"),
    Variable("PAGER", "The program in which `help` shows long pages; `cat` shows them without.", 'PAGER="less -R"'),
    Variable("MANPAGER", "The same, before PAGER.", 'MANPAGER="less -R"'),
    Variable("LESS", "Options of the pager less; -FRX unless it is set.", "LESS=-R"),
    Variable("GITHUB_ACTIONS", "`true`: `check` writes annotations of GitHub.", "GITHUB_ACTIONS=true"),
    Variable(
        "GITHUB_STEP_SUMMARY",
        "The file to which `check` adds its table in GitHub's workflows.",
        "GITHUB_STEP_SUMMARY=summary.md",
    ),
    Variable(
        "GITHUB_WORKSPACE",
        "The folder that paths in reports of `check` are relative to, in GitHub's workflows.",
        "GITHUB_WORKSPACE=/home/runner/work/shop",
    ),
    Variable("CI_PROJECT_DIR", "The same, in GitLab's jobs.", "CI_PROJECT_DIR=/builds/shop"),
    Variable(
        "SOURCE_DATE_EPOCH",
        "Seconds since 1970: the moment that `report` takes for now, so that a report is made again byte by byte.",
        "SOURCE_DATE_EPOCH=1790812800",
    ),
    Variable(
        "FUNNELCLI_SOURCE_NAME",
        "The URL of a database, or the path of files, that `--from @name` of `measure` stands for.",
        "FUNNELCLI_SOURCE_PROD=postgresql://…",
    ),
)
"""Every variable, by what it is about: looks, the pager, checks in CI, sources of events."""
