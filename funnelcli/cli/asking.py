"""The program without a word on a terminal: it asks for a funnel, shows it, and offers to write the file."""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from funnelcli.cli import arguments, console, destination
from funnelcli.cli.stage_lines import (
    StageLine,
    named_again,
    names_another,
    of_number,
    one_reading,
    place_of,
    read_stage,
    told,
)
from funnelcli.diagnostics import Problem, joined, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.funnel_file.typed import Typed, funnel_of
from funnelcli.funnel_file.yaml.typed_numbers import ANY_WORD, parted_from_currency
from funnelcli.output.numbers import visible
from funnelcli.output.text_width import folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

_OPENING = """\
Type your funnel from the first stage to the last, such as
  Visits 12400
Several lines can be pasted, from a spreadsheet too. An empty line ends it.
Ctrl-C leaves; funnelcli --help shows what else there is.
"""
_YES = ("", "y", "yes", "j", "ja", "д", "да")
_NO = ("n", "no", "nein", "н", "нет", "q", "quit")


class _Ended(Exception):  # no error: nobody types any more
    """The end of what is typed."""


def _tell(text: str = "") -> None:
    """A line for the person who is asked, in lines of the terminal's width."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in text.split("\n"):
        width = None if line.startswith("  funnelcli ") else console.columns(sys.stdout)  # to be copied as it is
        shown = "\n".join(folded(line, width, hanging=2, whole_words=True))
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
        what = "a funnel has at least two stages" if stages else "no stage was typed"
        _tell(f"\nNothing to show: {what}. funnelcli --help shows what else there is.")
        return console.ExitCode.COULD_NOT_LOOK
    money = _money(answers, stages)
    while True:
        words = tuple(f"{stage.name}={stage.number}" for stage in stages)
        typed = Typed(words, *money)
        _tell()
        code = run(["show", *(f"--stage={word}" for word in words), *_options(typed)])
        _tell()
        funnel, _ = funnel_of(typed)
        written = not code and funnel is not None and _written(answers, typed, funnel, stages)
        if written is not None:
            break
    if not written:
        _tell(f"\nThe same in one line:\n  {visible(_line(typed))}")
    return code


class _Answers:
    """What is typed, line by line; of several lines that are pasted, one at a time."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.ended = False
        self.agreed: set[str] = set()
        """Codes of slips whose one reading was meant."""
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


def _stages(answers: _Answers) -> list[StageLine]:
    """The stages, each with a number that can be read."""
    stages: list[StageLine] = []
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
                _settle(stages, answers)
    except _Ended:
        return [] if any(stage.problem for stage in stages) else stages


def _take(text: str, stages: list[StageLine], answers: _Answers) -> None:
    """Put the stage of a line into its place: behind the others, or in the place of the one of that name."""
    stage = read_stage(text)
    if isinstance(stage, str):
        _tell(f"  {stage}")
        return
    if not stage.number:
        asked = f"  How many got to {visible(quoted(stage.name))}? "
        stage = of_number(stage.name, _ask_beside(answers, asked, stages, settle=False))
    _put(stage, stages)


def _put(stage: StageLine, stages: list[StageLine]) -> None:
    """Put a stage into its place; that it changes another number is said."""
    at = place_of(stage.name, stages)
    if at == len(stages):
        stages.append(stage)
        return
    before = stages[at]
    if before.number != stage.number and not before.problem:
        _tell(f"  {visible(before.name)}: {told(before.number)} → {told(stage.number)}")
    stages[at] = stage._replace(name=before.name)


def _ask_beside(answers: _Answers, question: str, stages: list[StageLine], settle: bool = True) -> str:
    """The answer to a question about something else; stages that are corrected in its place are taken first."""
    while True:
        text = answers.ask(question)
        again = named_again(text, stages)
        if again is None or not again[1]:
            return text
        _put(of_number(stages[again[0]].name, again[1]), stages)
        if settle:
            _settle(stages, answers)


def _settle(stages: list[StageLine], answers: _Answers) -> None:
    """Ask again for every number that cannot be read or cannot be true, until all can."""
    at = 0
    while at < len(stages):
        stage = stages[at]
        problem, other = stage.problem, None
        meant = None if problem is None else one_reading(problem)
        if problem is not None and meant is not None and problem.code in answers.agreed:
            stages[at] = StageLine(stage.name, meant)
            continue
        if problem is None and at:
            found = funnel_of(Typed(tuple(f"{each.name}={each.number}" for each in stages[: at + 1])))[1]
            other = stages[at - 1] if found else None
            problem = found[0].problem._replace(help="which is right?") if found else None
        if problem is None:
            at += 1
            continue
        _refuse(problem)
        ending = f" [{meant}] " if meant else " "
        if other is not None:
            ending = f" (Or {visible(other.name)} and its number.) "
        at = min(at, _asked_again(f"  {visible(stage.name)}, how many?{ending}", at, meant, stages, answers))


def _asked_again(question: str, at: int, meant: str | None, stages: list[StageLine], answers: _Answers) -> int:
    """Take the answer to a question about the number of a stage, or another one that it names; which it was."""
    number = answers.ask(question)
    problem = stages[at].problem
    again = named_again(number, stages)
    if not number and meant and problem:
        answers.agreed.add(problem.code)
        number = meant
    elif again is not None:
        at, number = again
        number = number or answers.ask(f"  {visible(stages[at].name)}, how many? ")
    elif (name := names_another(number)) is not None:
        _tell(f"  No stage is called {visible(quoted(name))}: {joined([visible(each.name) for each in stages])} are.")
        return at
    if number or stages[at].problem:
        _put(of_number(stages[at].name, number), stages)
    return at


def _money(answers: _Answers, stages: list[StageLine]) -> tuple[str | None, str | None]:
    """The average check and its currency, where they are given."""
    if answers.ended:
        return None, None
    try:
        check, currency = _average_check(answers, stages)
        if check is not None and currency is None:
            currency = _ask_beside(answers, "Currency, such as EUR (empty: none): ", stages) or None
        while currency is not None and isinstance(problem := scalars.label(currency, False), Problem):
            _refuse(problem)
            currency = _ask_beside(answers, "Currency: ", stages) or None
        return check, currency
    except _Ended:
        return None, None


def _average_check(answers: _Answers, stages: list[StageLine]) -> tuple[str | None, str | None]:
    """The average check as it can be read, and the currency where it stands beside it."""
    meant = currency = None
    while True:
        ending = f" [{meant}]" if meant else " (empty: none)"
        text = _ask_beside(answers, f"Average check, the money of one sale{ending}: ", stages)
        if not text:
            return meant, currency
        amount, sign = parted_from_currency(text, ANY_WORD)
        currency = sign or None
        _, wrong = funnel_of(Typed(("A=1", "B=1"), average_check=amount))
        if not wrong:
            return amount, currency
        meant = one_reading(wrong[0].problem)
        _refuse(wrong[0].problem)


def _options(typed: Typed) -> list[str]:
    return [word for key, text in typed.keys.items() for word in (arguments.option_name(key), text)]


def _line(typed: Typed) -> str:
    """The command line that shows the same."""
    from shlex import join

    return join(["funnelcli", "show", *arguments.words_of(typed.stages), *_options(typed)])


def _written(answers: _Answers, typed: Typed, funnel: Funnel, stages: list[StageLine]) -> bool | None:
    """Offer to write the file, and write it where it is wanted; never over another one.

    `None` where a stage is corrected instead, and the funnel is to be shown again.
    """
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
        again = named_again(answer, stages)
        if again is not None and again[1]:
            _put(of_number(stages[again[0]].name, again[1]), stages)
            with suppress(_Ended):
                _settle(stages, answers)
            return None
        path = proposed if answer.casefold() in _YES else answer
        path += "" if is_funnel_file(path) else ".yaml"
        question = f"Another name? Enter: {proposed}; n: no. "
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
