"""What was written alike in several places is one message, with what to write in each; one number tells of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Diagnostic, Severity
from funnelcli.funnel_file.reader import read

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTS = [1234000, 56000, 7000, 4000]


def errors(text: str) -> list[Diagnostic]:
    found = read(text.encode(), "kiosk.yaml").diagnostics
    return [each for each in found if each.severity is Severity.ERROR]


def funnel(values: list[str], *above: str) -> str:
    """A funnel of these values of stages, each in a line of its own, below other lines."""
    stages = (f"  Stage {letter}: {value}" for letter, value in zip("ABCDEFGHIJKLMNOP", values, strict=False))
    return "\n".join([*above, "stages:", *stages, ""])


WAYS: dict[str, Callable[[int], str]] = {
    "spaces": lambda count: f"{count:,}".replace(",", " "),
    "apostrophes": lambda count: f"{count:,}".replace(",", "'"),
    "commas": lambda count: f"{count:,}",
    "thousands in a word": lambda count: f"{count // 1000}k",
    "thousands in another word": lambda count: f"{count // 1000} Tsd.",
    "units": lambda count: f"{count} people",
    "a plus": lambda count: f"{count}+",
    "a comment of another language": lambda count: f"{count} // counted",
    "underscores": lambda count: f"{count:_}",
    "a currency": lambda count: f"€{count}.50",
}


@pytest.mark.parametrize("stages", [2, 3, 4])
@pytest.mark.parametrize("way", WAYS)
def test_counts_written_alike_are_one_message_that_names_each_number(way: str, stages: int) -> None:
    (found,) = errors(funnel([WAYS[way](count) for count in COUNTS[:stages]]))
    assert (found.location.line, found.location.column) == (2, 12)
    told = re.findall(r"(?:write|likewise|,|and) (\d+)[^;]*?(?=; likewise| in line|$)", found.problem.help or "")
    assert [int(number) for number in told] == COUNTS[:stages], found.problem.help
    lines = re.findall(r"in line (\d+)", found.problem.help or "")
    assert lines == [str(line) for line in range(3, stages + 2)]


def test_of_very_many_places_the_number_is_told() -> None:
    (found,) = errors(funnel([f"{20 - place} 000" for place in range(14)]))
    assert found.problem.help == (
        "write 20000; likewise 19000 in line 3, 18000 in line 4, 17000 in line 5, 16000 in line 6, 15000 in line 7, "
        "14000 in line 8 and in 7 more places down to line 15"
    )


def test_of_very_many_lines_alike_the_number_and_the_last_are_told() -> None:
    stages = "".join(f"  Stage {number:03}: many\n" for number in range(300))
    (found,) = errors(f"stages:\n{stages}")
    assert found.problem.help == (
        "write a number in digits; likewise in lines 3, 4, 5, 6, 7, 8, 9 and 292 more, the last of them 301"
    )


@pytest.mark.parametrize("whole", [1, 12, 350])
@pytest.mark.parametrize("proof", ["63,50", "1.250,00", "1.250.000", "63,50 €"])
def test_beside_a_decimal_comma_a_point_parts_thousands(whole: int, proof: str) -> None:
    found = errors(funnel([f"{whole}.400", "7"], f"average_check: {proof}"))
    told = " ".join(each.problem.help or "" for each in found)
    assert f" {whole}400" in told
    assert f" {whole}.4" not in told


@pytest.mark.parametrize("whole", [1, 12, 350])
def test_beside_commas_between_thousands_and_a_point_a_point_is_decimal(whole: int) -> None:
    found = errors(funnel(["90", "7"], "average_check: 1,250.50", f"budget: {whole}.400"))
    told = " ".join(each.problem.help or "" for each in found)
    assert f"{whole}.4 in line 2" in told
    assert f"{whole}400" not in told


def test_without_a_proof_both_readings_are_told() -> None:
    (found,) = errors(funnel(["12.400", "1.200"]))
    assert found.problem.help == "write 12400 or 12.4; likewise 1200 or 1.2 in line 3"


@pytest.mark.parametrize(
    ("typed", "other"), [("63.50 EUR", "1200 EUR"), ("€63.50", "1200 EUR"), ("63.50 $", "USD 1200")]
)
def test_one_currency_is_named_once(typed: str, other: str) -> None:
    (found,) = errors(funnel(["9", "3"], f"average_check: {typed}", f"budget: {other}"))
    assert (found.problem.help or "").startswith("write 63.50 and name the currency once: currency: ")
    assert (found.problem.help or "").endswith("; likewise 1200 in line 2")


def test_a_currency_that_the_file_names_is_not_named_again() -> None:
    (found,) = errors(funnel(["9", "3"], "currency: EUR", "average_check: 63.50 €"))
    assert found.problem.help == "write 63.50"
    (other,) = errors(funnel(["9", "3"], "currency: EUR", "average_check: 63.50 $"))
    assert other.problem.message == '"63.50 $" is in $, and the currency of the funnel is EUR'


def test_two_currencies_are_two_causes() -> None:
    first, second = errors(funnel(["9", "3"], "average_check: 63.50 EUR", "budget: 1200 USD"))
    assert first.problem.help == "write 63.50 and name the currency once: currency: EUR"
    assert second.problem.message == '"1200 USD" is in USD, and the amount in line 1 in EUR'
    assert "currency: " not in (second.problem.help or "")


@pytest.mark.parametrize("rates", [[100, 40, 7], [100, 9, 9], [80, 70, 1]])
def test_a_funnel_of_percentages_is_one_of_shares(rates: list[int]) -> None:
    (found,) = errors(funnel([f"{rate}%" for rate in rates]))
    first, *others = rates
    assert (found.problem.help or "").startswith(
        f"write {first} where only shares are known, else the count; likewise "
    )
    assert re.findall(r"(\d+) in line", found.problem.help or "") or others[0] == others[1]


def test_percentages_that_grow_are_of_the_stage_before() -> None:
    (found,) = errors(funnel(["100%", "8%", "17%"]))
    assert found.problem.help == (
        "write the count of each stage: these percentages are of the stage before; likewise in lines 3 and 4"
    )


def test_a_percentage_behind_a_count_is_a_conversion() -> None:
    stages = "stages:\n  - {name: A, count: 500}\n  - {name: B, count: 8%}\n  - {name: C, count: 50%}\n"
    (found,) = errors(stages)
    assert found.problem.help == "write conversion: 8%; likewise conversion: 50% in line 4"
    assert (found.location.line, stages.split("\n")[2][found.location.column - 1 :]) == (3, "count: 8%}")
    assert not errors(stages.replace("count: 8%", "conversion: 8%").replace("count: 50%", "conversion: 50%"))


@pytest.mark.parametrize("word", ["steps", "stage", "Stages", "stufen", "etapas", "этапы"])
def test_what_stands_below_a_misspelt_key_is_read_too(word: str) -> None:
    found = errors(f"{word}:\n  - {{name: A, count: 500}}\n  - {{name: B, count: five}}\n")
    assert [(each.problem.code, each.location.line) for each in found] == [("FN101", 1), ("FN103", 3)]
