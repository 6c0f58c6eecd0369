"""Tables of the program as Markdown: what stands in the manual's pages where a mark names one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli import docs
from funnelcli.cli import console
from funnelcli.cli.app import GROUPS
from funnelcli.cli.environment import VARIABLES
from funnelcli.cli.manual import command_pages
from funnelcli.cli.settings import NoFile, of_run
from funnelcli.cli.settings_file import SETTINGS
from funnelcli.funnel_file import schema
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from funnelcli.metrics import Metric

KEYS = {
    "a funnel": schema.FUNNEL,
    "a stage": schema.STAGE,
    "a segment of `breakdowns`, when it is more than its counts": schema.SEGMENT,
    "`average_check`, when its spread is known": schema.SPREAD,
    "`days` and `days_lost`, when they are quantiles": schema.QUANTILES,
    "`close_chance`, when it is known only so well": schema.CHANCE,
    "`referral`": schema.REFERRAL,
    "`measure`": schema.MEASURE,
}
"""Keys that people write, by what they are of."""
NOTED_KEYS = {
    "`measured`, which the program writes": schema.MEASURED,
    "times below `measured`": schema.TIME,
    "`eventual` below `measured`": schema.EVENTUAL,
    "`curves` below `measured`": schema.CURVE,
    "segments below `measured`": schema.NOTED,
}
"""Keys that `measure` and `import` write, by what they are of."""
BAR = r"\|"
"""A bar inside of a cell."""
EXIT_CODES = {
    "0": "The report was printed, or everything was checked and passed (warnings allowed).",
    "1": "The files were read and the verdict is no: an invalid funnel, a failed check, a warning under `--strict`.",
    "2": "Could not look: wrong usage, a missing or unreadable file, nothing selected, a write that failed.",
    "3": "A defect of the program: one line with the place to report it; `--debug` shows the traceback.",
    str(console.INTERRUPTED): "Interrupted by Ctrl-C.",
    str(console.CLOSED_PIPE): "The reader of the output went away, as `head` does.",
}
"""Every exit code, the same for all commands; where several hold, 3 stands above 2, 2 above 1, 1 above 0."""
FORMATS = {
    "table": "tables and bars for people",
    "text": "sentences for people",
    "json": "the contract for programs: unrounded numbers, keys that stay",
    "csv": "a row a stage, segment or step; for spreadsheets",
    "markdown": "tables for pull requests and wikis",
    "yaml": "a funnel file",
    "full": "every finding with its line, a caret and what helps",
    "concise": "the first line of every finding",
    "github": "annotations of GitHub's workflows",
    "gitlab": "GitLab's report of code quality",
    "junit": "a test case a check, for CI",
    "sarif": "SARIF 2.1.0, for code scanning",
    "html": "one page that needs no network, with a what-if panel",
    "svg": "pictures that stay sharp",
    "png": "pictures for slides",
    "xlsx": "a workbook whose formulas go on computing",
}
"""What each format is for."""


class ReferenceTable(NamedTuple):
    """A table: its title, the sentence that a page of its own says of it, other names of it, and what makes it."""

    title: str
    answers: str
    also: tuple[str, ...]
    make: Callable[[], str]


def commands() -> str:
    """Commands and what they do, in their groups."""
    return "\n".join(
        f"**{group}**\n\n{_table(('command', 'what it is for'), ((f'`{name}`', said) for name, said in of.items()))}"
        for group, of in GROUPS.items()
    )


def keys() -> str:
    """The keys of a funnel file that people write, a table for each place."""
    return "\n\n".join(f"**Keys of {of}**\n\n{_keys(fields)}" for of, fields in KEYS.items()) + "\n"


def noted_keys() -> str:
    """The keys that the program writes."""
    return "\n\n".join(f"**Keys of {of}**\n\n{_keys(fields)}" for of, fields in NOTED_KEYS.items()) + "\n"


def metrics() -> str:
    """Figures that can be named."""
    rows = (
        (written(each), each.kind, each.meaning, _yes(each.changeable), _yes(each.is_goal)) for each in METRICS.values()
    )
    return _table(("figure", "kind", "meaning", "can be changed", "can be a goal"), rows)


def codes() -> str:
    """Codes of diagnostics and their titles, and how their examples are mended, which is found out by mending them."""
    from funnelcli.funnel_file.mended import mended

    def by_itself(example: str) -> str:
        ways = {"`--fix`": False, "`--unsafe-fixes`": True}
        data = example.encode()
        return next((way for way, unsafe in ways.items() if mended(data, "x.yaml", unsafe=unsafe).mends), "")

    found = (docs.explanation(code) for code in docs.codes())
    rows = ((f"`{each.code}`", each.severity, each.title, by_itself(each.example)) for each in found if each)
    return _table(("code", "weight", "meaning", "its example is mended by"), rows)


def exit_codes() -> str:
    """Exit codes."""
    return _table(("exit code", "meaning"), ((f"`{code}`", meaning) for code, meaning in EXIT_CODES.items()))


def environment() -> str:
    """Variables that the program reads."""
    return _table(
        ("variable", "meaning", "example"),
        ((f"`{each.name}`", each.meaning, f"`{each.example}`") for each in VARIABLES),
    )


def settings() -> str:
    """Keys of a file of defaults."""
    rows = ((f"`{key}`", each.default, each.meaning, f"`{key}: {each.example}`") for key, each in SETTINGS.items())
    return _table(("key", "default", "meaning", "example"), rows)


def settings_here() -> str:
    """The settings that hold in the working directory, and where each stands."""
    try:
        found = of_run(None, ())
    except NoFile as error:
        return f"{error}.\n"
    if found.found:
        return f"`{found.file}` has mistakes, which every report tells: `funnelcli show FILE`.\n"
    rows = []
    for key, setting in SETTINGS.items():
        value, source = setting.default, "built in"
        if key in found.values:
            texts, line = found.values[key]
            shown = (text.ljust(5, "x") for text in texts) if key == "ignore" else texts
            value, source = ", ".join(shown), f"{found.file}:{line}"
        if key == "color" and (decided := console.color_by_environment()):
            value, source = "always" if decided[1] else "never", f"the environment, {decided[0]}"
        rows.append((f"`{key}`", value, source))
    return _table(("setting", "value", "from"), rows)


def formats() -> str:
    """Formats, what they are for, and the commands that write them."""
    writers: dict[str, list[str]] = {}
    for command, each in command_pages.options()["--format"].items():
        for name in each.written.partition("<")[2].rstrip(">").split("|"):
            writers.setdefault(name, []).append(command)
    rows = ((f"`{name}`", FORMATS.get(name, ""), ", ".join(of)) for name, of in writers.items())
    return _table(("format", "what it is for", "commands"), rows)


TABLES = {
    "commands": ReferenceTable("Commands", "What each command does.", ("command",), commands),
    "keys": ReferenceTable("Keys of the funnel file", "What a funnel file may say.", ("funnel file",), keys),
    "noted-keys": ReferenceTable(
        "Keys that the program writes", "What `measured` says.", ("measured keys",), noted_keys
    ),
    "metrics": ReferenceTable("Figures", "The figures that checks, goals and scenarios name.", ("figures",), metrics),
    "codes": ReferenceTable("Codes of messages", "Every error and warning.", ("errors", "warnings", "messages"), codes),
    "exit-codes": ReferenceTable(
        "Exit codes", "What a script learns from the exit code.", ("exit status", "exit code"), exit_codes
    ),
    "environment": ReferenceTable(
        "Environment variables",
        "What the program reads from the environment.",
        ("environment variables", "variables"),
        environment,
    ),
    "settings": ReferenceTable("Settings", "What a file of defaults may set.", ("setting",), settings),
    "settings-here": ReferenceTable(
        "Settings that hold here", "What holds in this folder, and who says so.", (), settings_here
    ),
    "formats": ReferenceTable("Formats", "What `--format` may be, for which command.", ("format",), formats),
}
"""Every table by the name of its mark."""


def written(metric: Metric) -> str:
    """How a figure is named, of the funnel and of a stage."""
    at_stage = f"`{metric.name}@Stage`"
    return {"funnel": f"`{metric.name}`", "stage": at_stage, "either": f"`{metric.name}`, {at_stage}"}[metric.at]


def _keys(fields: Sequence[schema.Field]) -> str:
    rows = ((f"`{each.key}`", each.value, each.meaning, f"`{each.example}`") for each in fields)
    return _table(("key", "value", "meaning", "example"), rows).rstrip("\n")


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', BAR) for cell in line)} |\n" for line in lines)


def _yes(answer: bool) -> str:
    return "yes" if answer else ""
