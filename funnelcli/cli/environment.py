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
    Variable("GITHUB_TOKEN", "What `diff --comment` writes with on a pull request of GitHub.", "GITHUB_TOKEN=ghs_…"),
    Variable("GITHUB_REPOSITORY", "The repository of that pull request.", "GITHUB_REPOSITORY=acme/shop"),
    Variable(
        "GITHUB_EVENT_PATH",
        "The file in which GitHub's runner says which pull request the job is of.",
        "GITHUB_EVENT_PATH=event.json",
    ),
    Variable(
        "GITHUB_API_URL",
        "The address of GitHub's API, where it is not github.com's.",
        "GITHUB_API_URL=https://github.example.com/api/v3",
    ),
    Variable("GITLAB_CI", "`true`: `diff --comment` writes on the merge request of GitLab.", "GITLAB_CI=true"),
    Variable("GITLAB_TOKEN", "What it writes with there; a job's own token may not.", "GITLAB_TOKEN=glpat-…"),
    Variable("CI_API_V4_URL", "The address of GitLab's API.", "CI_API_V4_URL=https://gitlab.com/api/v4"),
    Variable("CI_MERGE_REQUEST_IID", "The number of the merge request.", "CI_MERGE_REQUEST_IID=7"),
    Variable("CI_MERGE_REQUEST_PROJECT_ID", "The project that it goes to.", "CI_MERGE_REQUEST_PROJECT_ID=42"),
    Variable(
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
        "The project that it comes from; another one is a fork, which has no token.",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=77",
    ),
    Variable("CI_PROJECT_DIR", "What GITHUB_WORKSPACE is, in GitLab's jobs.", "CI_PROJECT_DIR=/builds/shop"),
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
