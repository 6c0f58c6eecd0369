"""What a person meant who named a command or an option that there is not: the line to write."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.cli.arguments import is_stage
from funnelcli.diagnostics import joined, quoted
from funnelcli.funnel_file.names import is_funnel_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_EXPORTS = (".csv", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods", ".txt", ".numbers")
_EVENTS = (".parquet", ".jsonl", ".ndjson", ".duckdb", ".db", ".sqlite", ".gz", ".zst")
_NEAR = 0.7
"""How alike a word must be to be taken for a slip of the hand."""


class Meant(NamedTuple):
    """What is wrong in one sentence, and the line that was meant, or what helps."""

    what: str
    help: str


@cache
def _table() -> Any:
    with open(os.path.join(os.path.dirname(__file__), "meant.toml"), "rb") as file:
        return tomllib.load(file)


@cache
def words() -> dict[str, str]:
    """The words that people have for a command, each with its name; several words are joined by hyphens."""
    return {word: command for command, listed in _table()["commands"].items() for word in listed}


def replacements() -> Mapping[str, str]:
    """Options of other programs, and what to write here."""
    table: dict[str, str] = _table()["options"]
    return table


def command_of(args: Sequence[str], commands: Iterable[str]) -> Meant:
    """What a line means whose first word is no command."""
    first, rest = args[0], args[1:]
    known = list(commands)
    said = f"there is no command {quoted(first)}"
    if is_stage(first):
        return Meant("a funnel is typed, and no command is named", _line("show", args))
    meant = _of_file(args, known)
    if meant is not None:
        return meant
    for width in (3, 2, 1):  # the longest words first
        spoken = "-".join(args[:width]).casefold().replace("_", "-").strip("-")
        if len(args) >= width and spoken in words() and words()[spoken] not in known:
            return Meant(said, f"funnelcli {words()[spoken]}")  # an option of the program
        if len(args) >= width and spoken in words():
            return Meant(f"there is no command {quoted(' '.join(args[:width]))}", _line(words()[spoken], args[width:]))
    near = _near(first.casefold(), [*known, *words()])
    if near is not None:
        return Meant(said, f"did you mean: {_line(words().get(near, near), rest)}")
    return Meant(said, "funnelcli --help lists the commands")


def _of_file(args: Sequence[str], known: Sequence[str]) -> Meant | None:
    """What a file, a folder or standard input means in the place of a command; `None` for what is none of them."""
    first = args[0]
    ending = os.path.splitext(first)[1].lower()
    what = f"{first} is a file, and no command is named"
    behind = next((each for each in args[1:] if each in known), None)
    if first == "-" or os.path.isdir(first) or is_funnel_file(first):
        if first == "-":
            what = "standard input is named, and no command"
        elif os.path.isdir(first):
            what = f"{first} is a folder, and no command is named"
        others = list(args)
        if behind is not None:
            others.remove(behind)
            what = f"the command stands first, and {first} behind it"
        return Meant(what, _line(behind or "show", others))
    if ending in _EXPORTS:
        made = f"{os.path.splitext(os.path.basename(first))[0]}.yaml"
        output = () if {"-o", "--output"} & {*args} else ("-o", made)
        return Meant(what, _line("import", [each for each in args if each != behind] + [*output]))
    if ending in _EVENTS:
        return Meant(what, _line("measure", ["FUNNEL.yaml", "--from", first]))
    return None


def option_before(args: Sequence[str], commands: Iterable[str]) -> Meant:
    """What a line means that begins with an option that the program does not have."""
    known = [*commands]
    named = next((each for each in args if each in known), None)
    if named is None:
        return Meant(f"the program has no option {args[0]}", "name a command first; funnelcli --help lists them")
    rest = [*args[args.index(named) + 1 :], *args[: args.index(named)]]
    return Meant(f"{args[0]} stands before the command", _line(named, rest))


def option_of(option: str, command: str, options: Mapping[str, Sequence[str]]) -> Meant:
    """What an option means that the command does not have; `options` are those of every command, by its name."""
    what = f"{command} has no option {option}"
    own = options[command]
    written = replacements().get(option) or replacements().get(f"-{option}") or replacements().get(option.casefold())
    if written is not None and (written.split()[0] in own or not written.startswith("--")):
        return Meant(what, f"write {written}")
    if f"-{option}" in own:
        return Meant(what, f"did you mean -{option}?")
    name = option if written is None else written.split()[0]
    others = [other for other, listed in options.items() if name in listed]
    if others and others != list(options):
        some = joined(others[:4]) if len(others) < 5 else f"{', '.join(others[:4])} and others"
        return Meant(what, f"{name} is an option of {some}: funnelcli {others[0]} -h")
    near = _near(option, own)
    if near is not None:
        return Meant(what, f"did you mean {near}?")
    return Meant(what, f"funnelcli {command} -h lists its options")


def _near(word: str, known: Sequence[str]) -> str | None:
    from difflib import get_close_matches

    turned = next((each for each in known if sorted(each) == sorted(word[:40])), None)  # two letters change places
    return turned or next(iter(get_close_matches(word[:40], known, n=1, cutoff=_NEAR)), None)


def _line(command: str, args: Sequence[str]) -> str:
    """The line as a shell takes it."""
    return " ".join(("funnelcli", command, *map(quote, args)))
