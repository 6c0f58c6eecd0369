"""`funnelcli help`."""

from typing import Annotated, NamedTuple

import typer

from funnelcli.cli import console, destination, pager
from funnelcli.cli.commands.explain import explain, is_code
from funnelcli.cli.completion import candidates
from funnelcli.cli.manual import answers, finding
from funnelcli.cli.manual.topics import Topic, topics
from funnelcli.cli.request import Given, GivenOften, Request, door, format_option
from funnelcli.diagnostics import did_you_mean, joined, quoted
from funnelcli.output.explanations import FORMATS


class ToldTopic(NamedTuple):
    """A topic as JSON has it; the text is Markdown."""

    kind: str
    name: str
    title: str
    meaning: str
    text: str


@door("output", "force", "color")
def command(
    request: Request,
    topic: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[TOPIC]...",
            help="A command, a key, a figure, a code, a word, a guide; or words to look for.",
            autocompletion=candidates.topics,
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List all topics, or those of a kind.")] = False,
    man: Annotated[bool, typer.Option("--man", help="Write the man page of the program, or of a command.")] = False,
    llms: Annotated[bool, typer.Option("--llms", help="Write the whole manual as one text.")] = False,
    report_format: Annotated[Given, format_option(FORMATS, ", on a terminal text, else markdown")] = None,
) -> None:
    """Read the manual."""
    if listing + man + llms > 1:
        raise console.Refused("--list, --man and --llms are three questions", "choose one of them")
    destination.check(request)
    words = topic or []
    if words and all(map(is_code, words)) and not (listing or man or llms):
        explain(request, words)
    elif llms:
        destination.deliver(answers.whole(), request.output)
    elif man:
        _man_page(request, words)
    elif listing and not words:
        _list(request, answers.all_topics())
    else:
        _answer(request, words, listing)


def _answer(request: Request, words: list[str], listing: bool) -> None:
    answer = finding.find(words)
    if listing and (answer.listed or answer.shown):
        _list(request, answer.listed or answer.shown)
    elif answer.shown:
        _deliver(request, answers.pages(answer), answer.shown)
    elif answer.is_whole_kind:
        _deliver(request, answers.listed(answer.listed), answer.listed, one_line=True)
    elif answer.listed:
        _deliver(request, answers.matches(" ".join(words), answer), answer.listed, one_line=True)
    elif not words:
        _deliver(request, answers.way_in(), topics(), one_line=True)
    else:
        near = joined([quoted(name) for name in answer.near], "or") if answer.near else ""
        all_ = "funnelcli help --list shows all topics"
        console.error(
            f"the manual has nothing called {quoted(' '.join(words))}", f"did you mean {near}? {all_}" if near else all_
        )


def _man_page(request: Request, words: list[str]) -> None:
    from funnelcli.cli.app import COMMANDS
    from funnelcli.cli.manual import man_pages

    if len(words) > 1 or not set(words) <= COMMANDS.keys():
        near = did_you_mean(" ".join(words), COMMANDS) or ""
        raise console.Refused(f"there is no command {quoted(' '.join(words))}", near)
    destination.deliver(man_pages.write(words[0] if words else None), request.output)


def _list(request: Request, found: tuple[Topic, ...]) -> None:
    """Topics in lines: for people by kind, for programs one after the other."""
    if _format(request) == "text":
        _deliver(request, answers.listed(found), found, one_line=True)
    elif _format(request) == "json":
        _deliver(request, "", found)
    else:
        destination.deliver(answers.rows(found), request.output)


def _format(request: Request) -> str:
    """The format that was asked for, or by the ending of the output; else what the reader can see."""
    by_ending = {".json": "json", ".md": "markdown", ".txt": "text"}.get(destination.ending_of(request.output))
    on_terminal = request.output is None and destination.canvas(None).width is not None
    return request.report_format or by_ending or ("text" if on_terminal else "markdown")


def _deliver(request: Request, text: str, found: tuple[Topic, ...], one_line: bool = False) -> None:
    """Markdown, drawn where a person reads it, in a pager where it is long; entries of lists in `one_line` each."""
    canvas = destination.canvas(request.output)
    if _format(request) == "json":
        from funnelcli.output.json import render

        told = [ToldTopic(each.kind, each.name, each.title, each.meaning, each.text) for each in found]
        destination.deliver(render({"command": "help", "topics": told}, canvas), request.output)
    elif _format(request) == "markdown":
        destination.deliver(text, request.output)
    else:
        from funnelcli.output.manual import terminal

        drawn = terminal(text, canvas, one_line)
        if request.output is None and pager.wants_pager(drawn):
            pager.show(drawn)
        else:
            destination.deliver(drawn, request.output)
