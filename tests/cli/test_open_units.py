"""Units that are still open: every command judges by the conversion of the decided, and shows what it judges by."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from scipy import integrate
from scipy.stats import beta
from statsmodels.stats.proportion import proportion_confint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Files, Run

MARCH = """\
name: March
stages:
- {name: Leads, count: 1000, open: 200}
- {name: Offers, count: 300, open: 60}
- {name: Sales, count: 80, average_check: 1000, role: customer}
"""
APRIL = MARCH.replace("March", "April").replace("300", "330")
TARGETS = MARCH.replace("open: 60", "open: 60, target: 40%").replace("role:", "target: 35%, role:")
DECIDED = {"Offers": (300, 800), "Sales": (80, 240)}
"""Of those who are no longer open: 1,000 - 200 and 300 - 60."""


def lower(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The chance that the true rate of one sample is below that of the other, from uniform priors, by quadrature."""
    first, second = (beta(came + 1, could - came + 1) for came, could in (one, other))
    return float(integrate.quad(lambda x: first.pdf(x) * second.sf(x), 0, 1, points=[first.mean(), second.mean()])[0])


def records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from records(each)
    elif isinstance(value, dict):
        yield value
        yield from records(list(value.values()))


def between(text: str) -> tuple[float, float]:
    low, high = text.removesuffix("%").split("–")
    return float(low), float(high)


def is_rate(heading: str) -> bool:
    """Whether a column has conversions; the summary of `show` says them in fewer words."""
    return heading.startswith("Conversion, %") or heading == "% of decided"


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "march"),
        ("bottleneck", "march"),
        ("bottleneck", "targets"),
        ("bottleneck", "march", "--baseline", "april"),
        ("compare", "march", "april"),
        ("compare", "march", "april", "march"),
        ("check", "march", "--check", "conversion_decided@Sales >= 30% with 95% confidence"),
        ("check", "march", "--check", "conversion@Sales >= 30% with 95% confidence"),
    ],
    ids=" ".join,
)
def test_a_conversion_lies_in_the_interval_beside_it(run: Run, files: Files, arguments: tuple[str, ...]) -> None:
    paths = {"march": MARCH, "april": APRIL, "targets": TARGETS}
    words = [files(f"{word}.yaml", paths[word]) if word in paths else word for word in arguments]
    seen = 0
    for record in records(run(*words, "--format", "json").json):
        for key in [key for key in record if f"{key}_low" in record] + ["actual"] * ("actual" in record):
            low, high = (record[f"{key}_{end}" if key != "actual" else end] for end in ("low", "high"))
            if record[key] is not None and low is not None:
                assert low <= record[key] <= high, (key, record)
                seen += 1
    assert seen
    done = run(*words, "--format", "markdown") if arguments[0] != "check" else run(*words)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "|" in line]
    header: list[str] = []
    shown = 0
    for row in rows:
        if any("onversion, %" in cell or cell == "% of decided" for cell in row):
            header = row
        for place, cell in enumerate(row[:-1]):
            if header and row is not header and is_rate(header[place]) and "–" in row[place + 1]:
                low, high = between(row[place + 1])
                assert low <= float(cell.removesuffix("%")) <= high, row
                shown += 1
    assert shown or arguments[0] in ("compare", "check")


def test_every_command_has_one_conversion_of_the_decided(run: Run, files: Files) -> None:
    march, april = files("march.yaml", MARCH), files("april.yaml", APRIL)
    wanted = {name: came / could for name, (came, could) in DECIDED.items()}

    def of(command: str, rows: str, key: str, *more: str) -> dict[str, float]:
        (result,) = run(command, march, *more, "--format", "json").funnels
        return {row.get("name", row.get("to")): row[key] for row in result[rows] if row.get("name") != "Leads"}

    assert of("show", "stages", "conversion_decided") == pytest.approx(wanted)
    assert of("bottleneck", "steps", "conversion_decided") == pytest.approx(wanted)
    assert [step["conversion_decided"] for step in run("forecast", march, "--format", "json").funnels[0]["steps"]] == (
        pytest.approx(list(wanted.values()))
    )
    compared = run("compare", march, april, "--format", "json").json["comparisons"][0]["stages"]
    assert {row["name"]: row["conversion_a"] for row in compared[1:]} == pytest.approx(wanted)
    for name, counts in DECIDED.items():
        limit = f"conversion_decided@{name} >= 1% with 95% confidence"
        checks = run("check", march, "--check", limit, "--format", "json").json["checks"]
        assert checks[0]["actual"] == pytest.approx(wanted[name])
        ends = proportion_confint(*counts, method="wilson")
        assert (checks[0]["low"], checks[0]["high"]) == pytest.approx(ends)
        for command, rows in (("show", "stages"), ("bottleneck", "steps")):
            assert of(command, rows, "conversion_decided_low")[name] == pytest.approx(ends[0])
            assert of(command, rows, "conversion_decided_high")[name] == pytest.approx(ends[1])


def test_chances_are_of_the_conversion_that_is_shown(run: Run, files: Files) -> None:
    march, april = files("march.yaml", MARCH), files("april.yaml", APRIL)
    (funnel,) = run("bottleneck", march, "--format", "json").funnels
    chances = {step["name"]: step["chance_weakest"] for step in funnel["steps"]}
    assert chances["Sales"] == pytest.approx(lower(DECIDED["Sales"], DECIDED["Offers"]), abs=1e-6)
    steps = run("compare", march, april, "--format", "json").json["comparisons"][0]["stages"]
    later = {"Offers": (330, 800), "Sales": (80, 270)}
    for step in steps[1:]:
        wanted = lower(DECIDED[step["name"]], later[step["name"]])
        assert step["chance_b_better"] == pytest.approx(wanted, abs=1e-6)


def test_tables_say_of_what_a_conversion_is(run: Run, files: Files) -> None:
    march, april, aims = files("march.yaml", MARCH), files("april.yaml", APRIL), files("targets.yaml", TARGETS)
    for words in (("bottleneck", march), ("bottleneck", aims), ("show", march)):
        done = run(*words, "--format", "markdown").stdout
        assert "| % of decided |" in done
        assert "37.5%" in done
        assert "34.2–40.9%" in done
        assert ("% of previous" in done) == (words[0] == "show")
    assert "Conversions of the steps: % of the decided" in run("compare", march, april).stdout
    assert "  of the decided" in run("compare", march, april, march).stdout
    closed = files("closed.yaml", MARCH.replace(", open: 200", "").replace(", open: 60", ""))
    for words in (("bottleneck", closed), ("show", closed), ("compare", closed, closed)):
        assert "decided" not in run(*words).stdout
    rows = list(csv.DictReader(io.StringIO(run("bottleneck", march, "--format", "csv").stdout)))
    assert [float(row["conversion_decided"]) for row in rows] == pytest.approx([300 / 800, 80 / 240])


BY = "breakdowns: {channel: {Ads: {counts: [600, 150, 30]}, Search: {counts: [400, 150, 50]}}}\n"


@pytest.mark.parametrize("command", ["show", "bottleneck", "compare"])
def test_of_segments_it_is_said_that_open_units_count_as_not_passed(run: Run, files: Files, command: str) -> None:
    said = "Some are still open at Leads and Offers: in a segment they count as not passed"
    assert said in run(command, files("by.yaml", TARGETS + BY), "--by", "channel").stdout
    closed = TARGETS.replace(", open: 200", "").replace(", open: 60", "")
    assert "still open" not in run(command, files("closed.yaml", closed + BY), "--by", "channel").stdout


@pytest.mark.parametrize(("aim", "open_"), [("", ", open: 10"), (", target: 10%", ", open: 10"), (", target: 10%", "")])
def test_where_nothing_is_decided_there_is_no_verdict(run: Run, files: Files, aim: str, open_: str) -> None:
    count = 10 if open_ else 0
    text = f"stages: [{{name: A, count: {count}{open_}}}, {{name: B, count: 0{aim}}}, {{name: C, count: 0}}]\n"
    path = files("open.yaml", text)
    why = "all are still open" if open_ else "the stages are empty"
    assert f"No verdict: {why}." in run("bottleneck", path).stdout
    if open_:
        (check,) = run("check", path, "--check", "conversion_decided@B >= 1%", "--format", "json").json["checks"]
        assert check["reason"] == 'all of "A", which it comes from, are still open'


@pytest.mark.parametrize("asked", ["target: 50%", "check"])
def test_too_few_units_are_too_few_decided_ones(run: Run, files: Files, asked: str) -> None:
    aim, checks = ("", "checks: [conversion_decided@B >= 50%]\n") if asked == "check" else (f", {asked}", "")
    text = f"stages: [{{name: A, count: 50, open: 40}}, {{name: B, count: 4{aim}}}]\n{checks}"
    low, high = (round(end * 100) for end in proportion_confint(4, 10, method="wilson"))
    said = f'10 decided at "A" are too few for a verdict on "B": its conversion may be {low}% to {high}%'
    assert said in run("check", files("few.yaml", text)).stdout
    plain = text.replace("conversion_decided", "conversion") if checks else text.replace(", open: 40", "")
    assert "too few" not in run("check", files("plain.yaml", plain)).stdout


def test_levers_and_plans_say_what_they_take_open_units_for(run: Run, files: Files) -> None:
    path = files("open.yaml", "stages: [{name: A, count: 900, open: 500}, {name: B, count: 100}]")
    counted = "those still open count as not passed: A"
    assert counted in run("levers", path).stdout
    assert counted in run("scenario", path, "--set", "entries=+10%").stdout
    said = run("goal", path, "--sales", "150").stdout
    assert counted in said
    assert "chances leave those open out of the rates" in said
    closed = files("closed.yaml", "stages: [{name: A, count: 900}, {name: B, count: 100}]")
    assert "still open" not in run("goal", closed, "--sales", "150").stdout


def test_a_bottleneck_tells_the_conversion_in_the_end_that_the_forecast_goes_by(run: Run, files: Files) -> None:
    """Losses that take longer than successes: of the decided more went on than will of all."""
    text = "stages: [{name: A, count: 900, open: 300, days_lost: 60}, {name: B, count: 200, days: 10, target: 40%}]"
    path = files("lost.yaml", text)
    (funnel,) = run("forecast", path, "--format", "json").funnels
    (step,) = funnel["steps"]
    (judged,) = run("bottleneck", path, "--format", "json").funnels[0]["steps"]
    assert judged["conversion_eventual"] == step["conversion_eventual"] < judged["conversion_decided"]
    shown = (
        f"Of all, in the end, as days and days_lost let the counts tell: B {100 * step['conversion_eventual']:.1f}%."
    )
    assert shown in run("bottleneck", path).stdout
    plain = files("plain.yaml", text.replace(", days_lost: 60", ""))
    assert "in the end" not in run("bottleneck", plain).stdout
