"""What the manual answers, as Markdown: topics in full, lists of them, the way in, and all of it in one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.cli.app import GROUPS
from funnelcli.cli.manual.topics import KINDS, PAGES, Topic, options, topics
from funnelcli.diagnostics import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.cli.manual.finding import TopicsFound

LONGEST_LIST = 60
"""Topics that a list of matches shows."""
_READING = ("tutorial", "guide", "command", "key", "figure", "reference", "explanation", "changelog")
"""The order in which the whole manual is read; codes and words follow."""


def way_in() -> str:
    """Where to begin: the tutorial, questions, commands, and how to look up a word."""
    tutorial = [each for each in topics() if each.kind == "tutorial"]
    first = ["New here? `funnelcli help tutorial`: a first funnel in five minutes."] if tutorial else []
    parts = [
        "# The manual of funnelcli",
        *first,
        *_section("Questions", "guide"),
        *(part for group, of in GROUPS.items() for part in (f"## {group}", _entries(of))),
        *_section("More", "explanation", "reference", "changelog"),
        "## Look up a word",
        _entries(
            {
                "help romi": "a figure, and what it is made of",
                "help average_check": "a key of the funnel file",
                "help FN104": "a code of a message",
                "help wilson": "a word of statistics or sales",
                "help show": "a command; also: funnelcli show --help",
                "help lose people": "any words that the manual may use",
                "help key measure": "one kind of topic: a key, although a command has the name, too",
                "help --list": "every topic in a line",
            }
        ),
    ]
    return "\n\n".join(parts) + "\n"


def pages(answer: TopicsFound) -> str:
    """The topics that were found in full, and others of the same name, each with what shows it."""
    said = "\n".join(each.text for each in answer.shown)
    if answer.others:
        named = [f"`funnelcli help {each.kind} {each.name}`" for each in answer.others]
        said += f"\nThe name has {'another meaning' if len(named) == 1 else 'other meanings'}: {joined(named)}.\n"
    return said


def matches(asked: str, answer: TopicsFound) -> str:
    """Topics to choose from."""
    found = answer.listed
    heading = f"# Pages with \u201c{asked}\u201d" if answer.searched else f"# Topics that match \u201c{asked}\u201d"
    left = len(found) - LONGEST_LIST
    more = [f"\u2026 and {left} more: `funnelcli help --list` has all."] if left > 0 else []
    shown: dict[str, str] = {}
    for each in found[:LONGEST_LIST]:
        shown.setdefault(_asked_by(each), f"{each.kind} · {_line(each)}")
    return "\n\n".join([heading, _entries(shown), "`funnelcli help NAME` shows one of them.", *more]) + "\n"


def listed(found: Iterable[Topic]) -> str:
    """Topics by kind, for people."""
    parts = []
    for kind, (title, _) in KINDS.items():
        entries = {each.name: _line(each) for each in found if each.kind == kind}
        if entries:
            parts += [f"## {title}", _entries(entries)]
    return "\n\n".join(parts) + "\n"


def rows(found: Iterable[Topic]) -> str:
    """Topics for programs: name, kind and meaning in a line each, with a tab between them."""
    return "".join(f"{each.name}\t{each.kind}\t{_line(each)}\n" for each in found)


_WHOLE = """\
# funnelcli: the whole manual

This is the complete manual of funnelcli, a command-line funnel calculator: funnels are YAML files with stages and
counts; commands turn them into conversion tables, bottlenecks, projections and checks. It has, in this order: tutorial,
guides by question, commands with all options, keys of the file, figures, further reference, explanation, changes, codes
of messages, words. Each part can be read alone by `funnelcli help NAME`. Commands in examples are complete and can be
run as they stand; JSON keys and exit codes are stable.
"""


def whole() -> str:
    """The whole manual as one text, for a language model or to print; what it is stands in its first paragraph."""
    parts = [_WHOLE]
    for kind in (*_READING, "code", "word"):
        found = [each for each in topics() if each.kind == kind]
        if not found:
            continue
        title = KINDS[kind][0]
        parts.append(f"# {title}\n" if kind not in ("tutorial", "changelog") else "")
        parts += [_lower(each.text) if kind not in ("tutorial", "changelog") else each.text for each in found]
    return "\n".join(part for part in parts if part)


def all_topics() -> tuple[Topic, ...]:
    """Every topic with a name, options too."""
    return (*topics(), *options())


def _section(title: str, *kinds: str) -> list[str]:
    found = [each for each in topics() if each.kind in kinds]
    return [f"## {title}", _entries({_asked_by(each): _line(each) for each in found})] if found else []


def _asked_by(topic: Topic) -> str:
    """What to ask `help` for: the name, and the kind where another topic would be shown."""
    same = [each for each in topics() if each.name == topic.name]
    return topic.name if not same or same[0] is topic or topic.kind not in PAGES else f"{topic.kind} {topic.name}"


def _line(topic: Topic) -> str:
    """A topic in a line; of a page, its title, which is a question or what it has."""
    return topic.title or topic.meaning


def _entries(said: dict[str, str]) -> str:
    return "\n".join(f"- `{name}`: {meaning}" for name, meaning in said.items())


def _lower(text: str) -> str:
    """A page below a heading of its kind: its own headings one level down; lines of examples stay."""
    inside, lines = False, []
    for line in text.split("\n"):
        inside ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not inside else line)
    return "\n".join(lines)
