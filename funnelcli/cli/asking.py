"""The program without a word on a terminal: it asks for a funnel, shows it, and offers to write the file."""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import arguments, console, destination
from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.typed import Typed, funnel_of
from funnelcli.output.diagnostics import wrapped
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

_OPENING = """\
Type your funnel from the first stage to the last, such as
  Visits 12400
Several lines can be pasted, from a spreadsheet too. An empty line ends it.
Ctrl-C leaves; funnelcli --help shows what else there is.
"""
_SIGNS = "\\t=:;|"
"""Characters that part a name from its number, besides blanks."""
_NUMBER = r"[-+]?[$€£₽]?\d[\d.,'’_\u00a0\u202f\u2009]*(?: ?%)?|\d+(?:[.,]\d+)?(?:k|m|K|M)"
_PARTED = re.compile(rf"(?P<name>.*?)\s*[{_SIGNS}]\s*(?P<number>[^{_SIGNS}]*)")
_BLANKS = re.compile(rf"(?P<name>.*\S)\s+(?P<number>{_NUMBER})")
_TWO_WAYS = re.compile(r"(?P<name>\S.*?) (?P<head>\d{1,3}(?: \d{3})*) (?P<number>\d{3})")
_CELLS = re.compile(r"\s*[\t;|]\s*")
_MONEY = re.compile(
    r"(?P<before>[^\d\s.,+-]*)\s*(?P<amount>[\d.,'’\s\u00a0\u202f]*\d(?:\s*(?:\+-|±|\+/-).*)?)\s*(?P<after>[^\d\s]*)"
)
_ONE_READING = re.compile(r"write (\S+)(?: (?!or ).*)?")
_YES = ("", "y", "yes", "j", "ja", "д", "да")
_NO = ("n", "no", "nein", "н", "нет", "q", "quit")


class _Ended(Exception):  # no error: nobody types any more
    """The end of what is typed."""


class _Stage(NamedTuple):
    """A stage as it is typed so far; `problem` is what is wrong with its number."""

    name: str
    number: str
    problem: Problem | None = None


def _tell(text: str = "") -> None:
    """A line for the person who is asked, in lines of the terminal's width."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in text.split("\n"):
        width = None if line.startswith("  funnelcli ") else console.columns(sys.stdout)  # to be copied as it is
        shown = "\n".join(wrapped(line, width, 2))
        sys.stdout.write(f"{shown}\n".encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def _refuse(problem: Problem) -> None:
    """Say what is wrong with an answer, and what helps."""
    _tell(f"  {visible(problem.message)}: {visible(problem.help or '')}")


def on_a_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def converse(run: Callable[[list[str]], int]) -> int:
    """Ask for a funnel, show it by `run`, which takes the words of a command line, and offer to write the file."""
    try:
        return _converse(run, _Answers())
    except KeyboardInterrupt:
        _tell()  # the shell's prompt begins a line of its own
        raise


def _converse(run: Callable[[list[str]], int], answers: _Answers) -> int:
    _tell(_OPENING)
    stages = _stages(answers)
    if len(stages) < 2:
        _tell("\nNothing to show: a funnel has at least two stages." if stages else "")
        return console.ExitCode.COULD_NOT_LOOK
    words = tuple(f"{stage.name}={stage.number}" for stage in stages)
    typed = Typed(words, *_money(answers))
    _tell()
    code = run(["show", *(f"--stage={word}" for word in words), *_options(typed)])
    _tell()
    funnel, _ = funnel_of(typed)
    if code or funnel is None or not _written(answers, typed, funnel):
        _tell(f"\nThe same in one line:\n  {visible(_line(typed))}")
    return code


class _Answers:
    """What is typed, line by line; of several lines that are pasted, one at a time."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.ended = False
        with suppress(ImportError):
            import readline  # noqa: F401  # arrows, where the system has it

    def ask(self, question: str) -> str:
        """The next line without blanks around it; raises `_Ended` where there is none."""
        if not self.waiting:
            try:
                given = input(question)
            except EOFError:
                _tell()
                self.ended = True
                raise _Ended from None
            self.waiting.extend(given.split("\n"))  # a terminal may hand over a paste as one answer
        return self.waiting.popleft().strip(" \r\n")

    @property
    def more(self) -> bool:
        """Whether lines wait that were pasted."""
        if self.waiting:
            return True
        try:
            from select import select

            return bool(select([sys.stdin], [], [], 0.05)[0])
        except (OSError, ValueError):  # not on this system
            return False


def _stages(answers: _Answers) -> list[_Stage]:
    """The stages, each with a number that can be read."""
    stages: list[_Stage] = []
    agreed: set[str] = set()  # codes of slips whose one reading was meant
    try:
        while True:
            text = answers.ask(f"Stage {len(stages) + 1}: ")
            if text.casefold() in ("?", "help"):
                _tell(_OPENING)
                continue
            if text.casefold() in ("q", "quit", "exit"):
                return []
            if not text:
                if len(stages) != 1 or answers.more:
                    return stages
                _tell("  One more is needed: a funnel has at least two stages.")
                continue
            _take(text, stages, answers)
            if not answers.more:
                _settle(stages, answers, agreed)
    except _Ended:
        return [] if any(stage.problem for stage in stages) else stages


def _take(text: str, stages: list[_Stage], answers: _Answers) -> None:
    """Put the stage of a line into its place: behind the others, or in the place of the one of that name."""
    stage = read_stage(text)
    if isinstance(stage, str):
        _tell(f"  {stage}")
        return
    if not stage.number:
        number = answers.ask(f"  How many got to {visible(quoted(stage.name))}? ")
        stage = _Stage(stage.name, number, _wrong(number))
    at = next((at for at, other in enumerate(stages) if other.name == stage.name), len(stages))
    stages[at : at + 1] = [stage]


def read_stage(text: str) -> _Stage | str:
    """The stage of a line, its number empty where there is none; or what is to be said of the line."""
    cells = [cell for cell in _CELLS.split(text) if cell]
    if len(cells) > 2 or (
        len(cells) == 2 and text.startswith("|")
    ):  # a row of a table, which may have shares beside the counts
        number = next((cell for cell in cells[1:] if re.fullmatch(_NUMBER, cell)), cells[1])
        text = f"{cells[0]}\t{number}"
    two = _TWO_WAYS.fullmatch(text)
    if two is not None and not re.search(f"[{_SIGNS}]", text):
        name, head, tail = visible(two["name"]), two["head"].replace(" ", ""), two["number"]
        return f"That can be read in two ways: write {name}={head}{tail}, or {name} {head}={tail}"
    found = _PARTED.fullmatch(text) or _BLANKS.fullmatch(text)
    name, number = (text, "") if found is None else (found["name"].strip(), found["number"].strip())
    if found is None and re.fullmatch(_NUMBER, text):
        return f"A name stands before the number: Visits {visible(text)}"
    label = scalars.label(name, False)
    if isinstance(label, Problem):
        return f"{label.message}; {label.help}"
    if "\t" in text and not any(map(str.isdigit, number)):
        return f"Left out, as it has no number: {visible(text)}"
    return _Stage(label, number, _wrong(number) if number else None)


def _wrong(number: str) -> Problem | None:
    """What is wrong with a number of a stage."""
    outcome = scalars.rate(number) if number.endswith("%") else scalars.count(number)
    return outcome if isinstance(outcome, Problem) else None


def _settle(stages: list[_Stage], answers: _Answers, agreed: set[str]) -> None:
    """Ask again for every number that cannot be read or cannot be true, until all can."""
    at = 0
    while at < len(stages):
        stage = stages[at]
        problem = stage.problem
        meant = None if problem is None else _one_reading(problem)
        if problem is not None and meant is not None and problem.code in agreed:
            stages[at] = _Stage(stage.name, meant)
            continue
        if problem is None:
            before = [f"{each.name}={each.number}" for each in stages[: at + 1]]
            found = funnel_of(Typed(tuple(before)))[1] if at else []
            problem = found[0].problem._replace(help="which is right?") if found else None
        if problem is None:
            at += 1
            continue
        _refuse(problem)
        ending = f" [{meant}]" if meant else ""
        number = answers.ask(f"  {visible(stage.name)}, how many?{ending} ")
        if not number and meant:
            agreed.add(problem.code)
            number = meant
        stages[at] = _Stage(stage.name, number, _wrong(number))


def _one_reading(problem: Problem) -> str | None:
    """The number that the help says to write, where it names one alone."""
    found = _ONE_READING.fullmatch(problem.help or "")
    return found[1] if found and not isinstance(scalars.count(found[1]), Problem) else None


def _money(answers: _Answers) -> tuple[str | None, str | None]:
    """The average check and its currency, where they are given."""
    if answers.ended:
        return None, None
    try:
        check, currency = _average_check(answers)
        if check is not None and currency is None:
            currency = answers.ask("Currency, such as EUR (empty: none): ") or None
        while currency is not None and isinstance(problem := scalars.label(currency, False), Problem):
            _refuse(problem)
            currency = answers.ask("Currency: ") or None
        return check, currency
    except _Ended:
        return None, None


def _average_check(answers: _Answers) -> tuple[str | None, str | None]:
    """The average check as it can be read, and the currency where it stands beside it."""
    meant = currency = None
    while True:
        text = answers.ask(f"Average check, the money of one sale{f' [{meant}]' if meant else ' (empty: none)'}: ")
        if not text:
            return meant, currency
        found = _MONEY.fullmatch(text)
        amount, sign = (text, "") if found is None else (found["amount"].strip(), found["before"] or found["after"])
        currency = sign or None
        _, wrong = funnel_of(Typed(("A=1", "B=1"), average_check=amount))
        if not wrong:
            return amount, currency
        meant = _one_reading(wrong[0].problem)
        _refuse(wrong[0].problem)


def _options(typed: Typed) -> list[str]:
    return [word for key, text in typed.keys.items() for word in (f"--{key.replace('_', '-')}", text)]


def _line(typed: Typed) -> str:
    """The command line that shows the same."""
    from shlex import join

    words = (word if arguments.is_stage(word) else f"--stage={word}" for word in typed.stages)
    return join(["funnelcli", "show", *words, *_options(typed)])


def _written(answers: _Answers, typed: Typed, funnel: Funnel) -> bool:
    """Offer to write the file, and write it where it is wanted; never over another one."""
    from funnelcli.funnel_file.starters import funnel_text

    if answers.ended:
        return False
    path = proposed = _free_name()
    question = f"Write it to a file? Enter: {proposed}; or another name; n: no. "
    while True:
        try:
            answer = answers.ask(question)
        except _Ended:
            return False
        if answer.casefold() in _NO:
            return False
        path = proposed if answer.casefold() in _YES else answer
        path += "" if path.lower().endswith((".yaml", ".yml")) else ".yaml"
        question = "Another name, or n: "
        if os.path.lexists(path):
            _tell(f"  {visible(path)} exists, and stays as it is.")
            continue
        text = funnel_text(typed)
        assert isinstance(text, str), text
        try:
            destination.write_whole(path, text.encode())
        except OSError as error:
            _tell(f"  {visible(path)} cannot be written: {error.strerror}.")
            continue
        _say_what_comes_next(path, funnel)
        return True


def _free_name() -> str:
    """`funnel.yaml`, or the first of its kind that is not there."""
    names = ("funnel.yaml", *(f"funnel-{number}.yaml" for number in range(2, 1000)))
    return next(name for name in names if not os.path.lexists(name))


def _say_what_comes_next(path: str, funnel: Funnel) -> None:
    from shlex import quote

    from funnelcli.funnel_file.teaching import questions

    asked = questions([funnel], quote(path))[1:]
    asked.append((f"funnelcli scenario {quote(path)} --set entries=+20%", "what would more people bring?"))
    width = max(len(command) for command, _ in asked)
    fits = width + max(len(answer) for _, answer in asked) + 4 <= (console.columns(sys.stdout) or 80)
    _tell(f"\nWrote {visible(path)}. Next:")
    for command, answer in asked:
        _tell(f"  {visible(command):{width if fits else 0}}  {answer}")
