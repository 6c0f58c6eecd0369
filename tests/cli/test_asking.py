"""The program without a word on a terminal: it asks, shows, and offers to write the file."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.cli import asking
from funnelcli.funnel_file.reader import read
from tests.cli.conftest import command_line, environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Answer what is asked; gives the words of the command that was run, and what was said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asking._Answers, "more", property(lambda self: bool(self.waiting)))

    def say(*answers: str) -> tuple[list[str], str]:
        waiting = list(answers)
        ran: list[list[str]] = []

        def answer(question: str) -> str:
            print(question, end="")  # noqa: T201
            if not waiting:
                raise EOFError
            return waiting.pop(0)

        def run(words: list[str]) -> int:
            ran.append(words)
            return 0

        monkeypatch.setattr("builtins.input", answer)
        code = asking.converse(run)
        assert (code == 0) == bool(ran)
        assert waiting == []
        return (ran[0] if ran else []), capsys.readouterr().out

    return say


def test_a_funnel_is_asked_for_and_written(talk: Any, tmp_path: Path) -> None:
    words, said = talk("Visits 12400", "Added to cart=830", "Paid: 377", "", "63.50", "EUR", "")
    stages = ["--stage=Visits=12400", "--stage=Added to cart=830", "--stage=Paid=377"]
    assert words == ["show", *stages, "--average-check", "63.50", "--currency", "EUR"]
    assert "Wrote funnel.yaml. Next:" in said
    (funnel,) = read((tmp_path / "funnel.yaml").read_bytes(), "funnel.yaml").funnels
    assert [(stage.name, stage.count) for stage in funnel.stages] == [
        ("Visits", 12400),
        ("Added to cart", 830),
        ("Paid", 377),
    ]
    assert funnel.currency == "EUR"
    assert os.listdir(tmp_path) == ["funnel.yaml"]


@pytest.mark.parametrize(
    "pasted",
    [
        "Visits\t200\nPaid\t4\n",
        "Visits=200\nPaid = 4",
        "Visits | 200\r\nPaid | 4\r\n",
        "Visits\n200\nPaid\n4",
        "Visits;200\nPaid;4",
        "Stage\tCount\nVisits\t200\t100%\nPaid\t4\t2%",  # a heading is left out, and so are shares
        "| Visits | 200 |\n|---|---|\n| Paid | 4 |",
    ],
)
def test_lines_that_are_pasted(talk: Any, pasted: str) -> None:
    """As one answer, as some terminals hand it over; an empty line at its end is the end of the list."""
    words, _ = talk(*([pasted] if pasted.endswith("\n") else [pasted, ""]), "", "n")
    assert words == ["show", "--stage=Visits=200", "--stage=Paid=4"]


@pytest.mark.parametrize(
    ("answers", "stages"),
    [
        (("Visits 12k", "", "Paid 3", ""), "Visits=12000 Paid=3"),  # an empty answer takes the one reading
        (("Visits 12,400", "Paid 3", ""), "Visits=12400 Paid=3"),  # no count has three decimals
        (("Visits 1.234.567", "Cart", "20 000", "Paid 1'500", ""), "Visits=1234567 Cart=20000 Paid=1500"),
        (("Visits 12.400", "12400", "Paid 3", ""), "Visits=12400 Paid=3"),  # of two readings, none
        (("Visits 100", "Paid 130", "30", ""), "Visits=100 Paid=30"),  # more than came
        (("Visits 100", "Paid many", "3", ""), "Visits=100 Paid many=3"),  # the name is all of it
        (("Visits 100", "Paid 3", "Visits 90", ""), "Visits=90 Paid=3"),  # a name again is a correction
        (("Visits 100", "", "Paid 30%", ""), "Visits=100 Paid=30%"),
        (("5", "?", "Visits 100", "Paid 3", ""), "Visits=100 Paid=3"),
        (("Visits 12 400 000", "Visits=12400000", "Paid 3", ""), "Visits=12400000 Paid=3"),
        (("Step 2 700", "Step 2=700", "Step 3=70", ""), "Step 2=700 Step 3=70"),
        (("1 400", "Visits 1400", "Paid 3", ""), "Visits=1400 Paid=3"),
        (("Visits 12k\nCart 2k\nPaid 377", "", ""), "Visits=12000 Cart=2000 Paid=377"),  # agreed to once
        (("Visits 200", "Paid 1400", "visits 20000", ""), "Visits=20000 Paid=1400"),  # the other of two was wrong
        (("Visits 200", "Paid 1400", "Visits", "20,000", ""), "Visits=20000 Paid=1400"),
        (("Visits 200", "Paid 1400", "Vists 20000", "Visits: 20 000", ""), "Visits=20000 Paid=1400"),
        (("Visits 200", "Cart 50", "Paid 90", "Cart 300", "Cart 150", ""), "Visits=200 Cart=150 Paid=90"),
        (("Visits 200", "Paid", "Visits 2000", "1400", ""), "Visits=2000 Paid=1400"),
        (("Visits 200", "Paid 20", "", "Visits 300"), "Visits=300 Paid=20"),  # asked for money
    ],
)
def test_what_cannot_be_is_asked_again(talk: Any, answers: tuple[str, ...], stages: str) -> None:
    words, _ = talk(*answers, "", "n")
    assert " ".join(word.removeprefix("--stage=") for word in words[1:]) == stages


def test_what_changes_a_number_is_said(talk: Any) -> None:
    assert "Visits: 200 → 20,000\n" in talk("Visits 200", "Paid 20", "Visits 20000", "", "", "n")[1]
    said = talk("Visits 200", "Paid 1400", "Vists 9", "140", "", "", "n")[1]
    assert "which is right?\n  Paid, how many? (Or Visits and its number.) " in said
    assert 'No stage is called "Vists": Visits and Paid are.' in said


def test_a_stage_is_corrected_after_the_result(talk: Any, tmp_path: Path) -> None:
    """The funnel is shown again, and written as it is corrected."""
    words, said = talk("Visits 200", "Paid 20", "", "5", "EUR", "Visits 400", "")
    assert "--stage=Visits=200" in words
    assert said.count("Write it to a file?") == 2
    assert read((tmp_path / "funnel.yaml").read_bytes(), "funnel.yaml").funnels[0].stages[0].count == 400


def test_nothing_typed_is_said(talk: Any) -> None:
    assert "Nothing to show: no stage was typed. funnelcli --help" in talk("")[1]


@pytest.mark.parametrize(
    ("answers", "options"),
    [
        (("63,50 EUR", ""), ["63.50", "EUR"]),
        (("$5",), ["5", "$"]),
        (("1.500", "1500", "kr"), ["1500", "kr"]),
        (("90+-140", ""), ["90+-140"]),
        (("many", ""), []),
    ],
)
def test_money_as_people_type_it(talk: Any, answers: tuple[str, ...], options: list[str]) -> None:
    words, _ = talk("A 9", "B 3", "", *answers, "n")
    assert words[3:] == [
        word for pair in zip(("--average-check", "--currency"), options, strict=False) for word in pair
    ]


def test_no_file_is_written_over(talk: Any, tmp_path: Path) -> None:
    for name in ("funnel.yaml", "shop.yaml"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    _, said = talk("A 9", "B 3", "", "", "shop", "no/folder", "other")
    assert said.count("Enter: funnel-2.yaml") == 3  # each time that y would write it
    assert "shop.yaml exists, and stays as it is." in said
    assert "cannot be written" in said
    assert sorted(os.listdir(tmp_path)) == ["funnel.yaml", "other.yaml", "shop.yaml"]
    assert {(tmp_path / name).read_text(encoding="utf-8") for name in ("funnel.yaml", "shop.yaml")} == {"mine"}


@pytest.mark.parametrize("answers", [(), ("A 9",), ("A 9", "B"), ("A 9", "B 3", "quit")])
def test_the_end_of_input_leaves(talk: Any, answers: tuple[str, ...], tmp_path: Path) -> None:
    assert talk(*answers)[0] == []
    assert os.listdir(tmp_path) == []


def test_the_end_of_input_skips_the_rest(talk: Any, tmp_path: Path) -> None:
    words, said = talk("A 9", "B 3")
    assert words == ["show", "--stage=A=9", "--stage=B=3"]
    assert said.endswith("funnelcli show A=9 B=3\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("typed", "code"), [("A 9\nB 3\n\n\nn\n", 0), ("\x03", 130)], ids=["answers", "ctrl-c"])
def test_a_terminal_is_asked(typed: str, code: int, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    variables = environment({"TERM": "dumb"})
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    with subprocess.Popen(
        command_line(), cwd=tmp_path, env=variables, start_new_session=True, preexec_fn=_controlled, **streams
    ) as process:
        os.close(theirs)
        seen = b""
        while b"Stage 1: " not in seen:
            seen += os.read(ours, 65536)
        os.write(ours, typed.encode())
        try:
            while True:
                while not select.select([ours], [], [], 0.5)[0]:
                    if code == 130:
                        os.write(ours, typed.encode())  # the first may have come before the line was waited for
                if not (part := os.read(ours, 65536)):
                    break
                seen += part
        except OSError:  # the other side is closed
            pass
    os.close(ours)
    assert process.returncode == code
    assert (b"33.3%" in seen) == (code == 0)  # 3 of 9
    assert b"Traceback" not in seen


def _controlled() -> None:
    """Let the terminal be the one that Ctrl-C comes from, and heard also where the shell of the tests ignores it."""
    import fcntl
    import signal
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
