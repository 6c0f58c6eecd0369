"""The page in a real browser: what-if figures, safety, accessibility, narrow screens, keyboard and print."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from funnelcli.analyses.report import gather
from funnelcli.analyses.scenario import project
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import parse_set
from funnelcli.funnel_file.reader import read
from funnelcli.output.report.look import Look, look
from funnelcli.output.report.pull_request import markdown_file
from funnelcli.what_if import Scenario

from .test_reports import EVERY, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.model import Funnel

    Load = Callable[..., Funnel]

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).resolve().parents[2] / "sample_funnels"
REFERRAL = """\
name: Referral
budget: 1000
spend_elasticity: 0.5
stages:
- {name: Market, count: 5000, cost: 0.125}
- {name: Buyers, count: 400, cost: 3, average_check: 100}
- {name: It's a fan, count: 90, from: Buyers, allow_growth: true}
- {name: Again, count: 100, from: Buyers, average_check: 55}
referral: {from: It's a fan, brings: 2, to: Buyers}
"""
"""Branches, who refers whom, costs, two checks, an elasticity, and a name that a shell must have quoted."""
ENTRY = "name: E\naverage_check: 9\nstages: {In: 1000, Out: 100}\nreferral: {from: Out, brings: 3, to: In}\n"
"""Referred units that come in at the entry."""


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """The one tab of these tests; `log` are requests of what it shows, console messages and errors."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.log, page.file = [], ""
    page.on("request", lambda request: page.log.append(request.url) if _is_other(request.url, page.file) else None)
    page.on("console", lambda message: page.log.append(message.text))
    page.on("pageerror", lambda error: page.log.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def visit(tab: Any, tmp_path: Path) -> Callable[..., Any]:
    """Open a page as a file would be opened, on a screen of a width and in a colour scheme."""

    def go(text: str, name: str = "report.html", width: int = 1280, scheme: str = "light") -> Any:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        tab.goto("about:blank")
        tab.log.clear()
        tab.file = path.as_uri()
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(media="screen", color_scheme=scheme, reduced_motion="reduce")
        tab.goto(tab.file)
        return tab

    return go


def _is_other(url: str, file: str) -> bool:
    return url.partition("#")[0] not in (file, "about:blank")


def page_of(*funnels: Funnel, theme: str = "auto", brand: str | None = None) -> str:
    from funnelcli.output.report.page import html_file

    wanted = look(theme, brand)
    assert isinstance(wanted, Look)
    return html_file(gather(funnels), wanted, [])


def loaded(source: str) -> Funnel:
    """The funnel of a sample, or of a text."""
    text = source if "\n" in source else (SAMPLES / f"{source}.yaml").read_text(encoding="utf-8")
    reading = read(text.encode(), "funnel.yaml")
    assert reading.diagnostics == ()
    return reading.funnels[0]


def expected(funnel: Funnel, *sets: str) -> dict[str, float | None]:
    """The figures that `funnelcli scenario` makes of `--set`, or of the last scenario, by the panel's names."""
    changes = []
    for text in sets:
        change = parse_set(text, funnel)
        assert not isinstance(change, Problem)
        changes.append(change)
    report = project(funnel, [Scenario("What if", tuple(changes))] if sets else funnel.scenarios)
    assert not isinstance(report, Problem)
    found = report.projections[-1]
    figures = {f"count {index}": stage.count for index, stage in enumerate(found.stages)}
    names = ("overall_conversion", "revenue", "variable_cost", "budget", "profit")
    figures |= {f"{name} ": getattr(found, name) for name in names if getattr(found, name) is not None}
    return {name: None if value is None else float(value) for name, value in figures.items()}


def figures(page: Any) -> dict[str, float]:
    """What the panel shows, unrounded."""
    found: dict[str, float] = page.evaluate(
        """Object.fromEntries([...document.querySelectorAll("tr[data-figure]")].map((row) =>
        [`${row.dataset.figure} ${row.dataset.stage}`, Number(row.querySelector(".then").dataset.value)]))"""
    )
    return found


def slide(page: Any, selector: str, percent: int) -> None:
    lever(page, selector).locator("input[type=range]").fill(str(percent))


def enter(page: Any, selector: str, value: str) -> None:
    lever(page, selector).locator("input[type=number]").fill(value)


def lever(page: Any, selector: str) -> Any:
    return page.locator(f".lever[data-selector={json.dumps(selector, ensure_ascii=False)}]")


# what if


MOVED = """(moves) => moves.map((move) => {
  document.querySelector(".reset").click();
  for (const lever of document.querySelectorAll(".lever")) {
    const range = lever.querySelector("input[type=range]");
    if (!(lever.dataset.selector in move)) continue;
    range.value = move[lever.dataset.selector];
    range.dispatchEvent(new Event("input", {bubbles: true}));
  }
  return [document.querySelector("textarea.set").value, Object.fromEntries(
    [...document.querySelectorAll("tr[data-figure]")].map((row) =>
    [`${row.dataset.figure} ${row.dataset.stage}`, Number(row.querySelector(".then").dataset.value)]))];
})"""
"""Moves sliders, each set of moves from the figures as they are: what is offered to copy then, and the figures."""


def test_every_slider_gives_the_figures_of_scenario(visit: Callable[..., Any]) -> None:
    """Each slider alone, then all together, by what the panel offers to copy; then figures that are typed."""
    funnel = loaded(REFERRAL)
    page = visit(page_of(funnel))
    names = page.eval_on_selector_all(".lever", "levers => levers.map(each => each.dataset.selector)")
    assert names[0] == "entries"
    ends = page.eval_on_selector_all(".lever input[type=range]", "all => all.map(e => Number(e.max))")
    moves = [{name: -30} for name in names] + [{name: min(20, end) for name, end in zip(names, ends, strict=True)}]
    for move, (offered, found) in zip(moves, page.evaluate(MOVED, moves), strict=True):
        _, *sets = re.split(r"(?:^| )--set ", offered)
        assert len(sets) == sum(percent != 0 for percent in move.values())
        assert found == pytest.approx(expected(funnel, *(shlex.split(text)[0] for text in sets)), rel=1e-9)
    assert page.log == []
    page.locator(".reset").click()
    last = page.locator(".lever[data-kind=rate]").last.get_attribute("data-selector")
    enter(page, "entries", "4321.5")
    enter(page, last, "12.5")
    assert page.locator("textarea.set").input_value() == f"--set entries=4321.5 --set {shlex.quote(last + '=12.5%')}"
    assert figures(page) == pytest.approx(expected(funnel, "entries=4321.5", f"{last}=12.5%"), rel=1e-9)
    page.locator(".reset").click()  # and the YAML is a scenario of the file
    slide(page, "conversion@It's a fan", 10)
    slide(page, "average_check@Again", -20)
    enter(page, "budget", "1500")
    with_scenario = loaded(REFERRAL + page.locator("textarea.yaml").input_value())
    assert figures(page) == pytest.approx(expected(with_scenario), rel=1e-9)


def test_the_address_keeps_what_was_moved(visit: Callable[..., Any], sample: Load) -> None:
    """A scenario is chosen, a figure moved and one typed: the same address shows the same, and all as it is none."""
    funnel = sample("channels_and_managers")
    page = visit(page_of(funnel))
    assert page.locator("[data-scenario][aria-pressed=true]").all_inner_texts() == ["As it is"]
    page.locator("[data-scenario='Leads at the rate of Search']").click()
    assert page.locator("[data-scenario][aria-pressed=true]").all_inner_texts() == ["Leads at the rate of Search"]
    assert figures(page) == pytest.approx(expected(funnel), rel=1e-9)
    slide(page, "entries", -20)
    enter(page, "average_check", "1250.5")
    moved = figures(page)
    assert moved == pytest.approx(
        expected(funnel, "conversion@Leads=12%", "entries=-20%", "average_check=1250.5"), rel=1e-9
    )
    address = page.url
    page.locator(".reset").click()
    assert "#" not in page.url
    assert figures(page) != moved
    page.goto("about:blank")
    page.goto(address)
    assert figures(page) == moved
    assert page.url == address
    assert page.locator("textarea.link").input_value() == address
    page.locator(".reset").click()
    before = figures(page)  # which an address that makes no sense does not change
    for more in ("scenario=None&entries=<b>", "entries=+-3%25&conversion@Paid=NaN&__proto__=1", "%E0%A4%A"):
        page.goto("about:blank")
        page.goto(f"{page.file}#funnel-1-what-if&{more}")
        assert figures(page) == before
    assert page.log == []


def test_the_panel_starts_and_resets_to_the_figures_as_they_are(visit: Callable[..., Any], sample: Load) -> None:
    page = visit(page_of(sample("invoices")))
    as_it_is = {"count 0": 100, "count 1": 50, "overall_conversion ": 0.5, "revenue ": 500_000}
    assert figures(page) == as_it_is
    assert not page.locator(".copies").is_visible()
    slide(page, "conversion@Paid", 20)
    assert figures(page) == pytest.approx(as_it_is | {"count 1": 60, "overall_conversion ": 0.6, "revenue ": 600_000})
    assert page.locator("tr[data-figure=revenue] .change").inner_text() == "+20%"
    assert page.locator(".said").inner_text() == "Then: sales 60, revenue 600,000."
    widths = page.eval_on_selector_all(".shape .is", "bars => bars.map(each => each.getBoundingClientRect().width)")
    assert widths[1] / widths[0] == pytest.approx(0.6, abs=0.01)  # the picture follows
    page.locator(".reset").click()
    assert figures(page) == as_it_is
    page.locator(".lever input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("textarea.set").input_value() == "--set entries=+1%"
    assert page.locator(".lever input[type=range]").first.get_attribute("aria-valuetext") == "101 (+1%)"
    page.locator(".copies summary").focus()
    page.keyboard.press("Enter")
    page.locator("[data-copy=yaml]").focus()
    page.keyboard.press("Enter")
    page.locator(".said", has_text=re.compile(r"^Copied\.$")).wait_for()  # its rules let no text run as a script
    assert page.evaluate("navigator.clipboard.readText()") == 'scenarios:\n  What if:\n    "entries": +1%\n'


def test_what_cannot_be_is_said(visit: Callable[..., Any]) -> None:
    page = visit(page_of(loaded(ENTRY)))
    for selector, value, words in (
        ("conversion@Out", "101", "the conversion to Out would be above 100%"),
        ("conversion@Out", "40", "the referral grows without bound"),
        ("entries", "2e18", "entries would pass 1e18"),
    ):
        page.locator(".reset").click()
        enter(page, selector, value)
        assert page.locator(".said").inner_text() == f"Impossible: {words}."
        assert not page.locator(".copies").is_visible()


# safety


def test_hostile_names_run_nothing_and_the_policy_stops_what_is_not_of_the_page(
    visit: Callable[..., Any], funnel: Load
) -> None:
    nasty = hostile(funnel)
    page = visit(page_of(nasty, nasty._replace(name="other")))
    slide_first = page.locator(".lever input[type=range]").first
    slide_first.fill("10")
    assert page.evaluate("window.pwned") is None
    assert page.log == []
    assert "<script>window.pwned=1</script>" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(
        """const each = document.createElement("script"); each.textContent = "window.ran = 1";
        document.body.append(each);
        document.body.insertAdjacentHTML("beforeend", "<img src='https://evil.example/' onerror='window.ran = 2'>");"""
    )
    page.wait_for_function("document.images[0].complete")
    assert page.evaluate("window.ran") is None
    blocked = [line.partition(" violates")[0] for line in page.log if "has been blocked" in line]
    assert blocked == [
        "Executing inline script",
        "Executing inline event handler",
        "Loading the image 'https://evil.example/'",
    ]


def test_hostile_names_run_nothing_in_pictures_and_markdown(visit: Callable[..., Any], funnel: Load) -> None:
    from funnelcli.output.report.pictures import svg_file

    report, wanted = gather([hostile(funnel)]), look("light")
    assert isinstance(wanted, Look)
    for name, text in (
        ("report.svg", svg_file(report, wanted, EVERY)),
        ("md.html", MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown_file(report, wanted, []))),
    ):
        page = visit(text, name)
        assert page.evaluate("window.pwned") is None
        assert page.log == []


# reading


@pytest.mark.parametrize(
    ("stem", "scheme", "width", "brand"),
    [
        ("channels_and_managers", "light", 1280, None),
        ("invoices", "light", 390, "#ffff00"),
        ("web", "dark", 1100, "#000000"),
    ],
)
def test_the_page_is_accessible(
    visit: Callable[..., Any], sample: Load, stem: str, scheme: str, width: int, brand: str | None
) -> None:
    """No violation of WCAG 2.2, levels A and AA, that axe-core can find, also with the panel moved and all unfolded.

    That of invoices has two periods, which are compared.
    """
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    funnels = [sample(each) for each in ([stem, "invoices_september"] if stem == "invoices" else [stem])]
    page = visit(page_of(*funnels, brand=brand), width=width, scheme=scheme)
    slide(page, "entries", 50)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if width >= 1088:
        wide = "[...document.querySelectorAll('.blocks > .scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
        assert page.evaluate(wide) == 0
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    assert [(each["id"], each["nodes"][0]["html"]) for each in result["violations"]] == []
    assert len(result["passes"]) > 20


def test_tables_are_cards_on_a_narrow_screen_and_fit_a_wide_one(visit: Callable[..., Any], sample: Load) -> None:
    page = visit(page_of(sample("voronka")))
    for width in (1280, 1247, 1088):
        page.set_viewport_size({"width": width, "height": 800})
        boxes = ".blocks > .scroll, .blocks > details:not(.same) > .scroll"
        torn = page.eval_on_selector_all(boxes, "all => all.filter(e => e.scrollWidth > e.clientWidth).length")
        assert torn == 0, width
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    torn = "all => all.filter((box) => box.offsetWidth && box.scrollWidth > box.clientWidth).length"
    assert page.eval_on_selector_all(".scroll", torn) == 0
    cards = """all => all.map((box) => ["Count", "95% interval"].map((label) =>
        [...box.querySelectorAll(`td[data-label="${label}"]`)].map((cell) => [cell.textContent,
        cell.offsetWidth > 0])))"""
    counts, intervals = page.eval_on_selector_all(".stacked", cards)[0]
    assert counts[:2] == [["240,000", True], ["4,800", True]]  # with all its figures, each below its heading
    assert intervals[:2] == [["", False], ["1.94–2.06%", True]]


FAR = f"""\
name: قمع المبيعات
average_check: 100
stages:
- {{name: Visitors, count: 1000}}
- {{name: زوار الموقع, count: 500}}
- {{name: {"n" * 200}, count: 300}}
- {{name: A name of many words that goes on for so long that no column can show it in one line, count: 200}}
- {{name: Recommendations, count: 100}}
"""
"""Names that are written from the right, and names longer than a screen is wide."""


def test_names_of_any_kind_start_at_the_left_and_leave_the_figures_in_sight(visit: Callable[..., Any]) -> None:
    page = visit(page_of(loaded(FAR)))
    ends = page.evaluate(
        """[...document.querySelectorAll("tbody th[scope=row] bdi")].map((name) => [name.textContent,
        name.getBoundingClientRect().left - name.closest("table").getBoundingClientRect().left])"""
    )
    assert len([name for name, _ in ends if name == "زوار الموقع"]) >= 2
    assert {round(left) for _, left in ends} == {0}
    heads = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, p")].map((each) => getComputedStyle(each).direction)"""
    )
    assert set(heads) == {"ltr"}  # sentences are ours, whatever name they begin with

    slide(page, "entries", 100)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        figures_are_in_sight(page, width)


def figures_are_in_sight(page: Any, width: int) -> None:
    """The first figure of every table, and all of the what-if panel, also with changes of three digits."""
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = """[...document.querySelectorAll(".scroll")].filter((box) => box.offsetWidth).map((box) =>
        [box.getBoundingClientRect().right, box.querySelector("tbody td").getBoundingClientRect().right])"""
    for box, figure in page.evaluate(boxes):
        assert figure <= box
    assert page.locator(".what-if .scroll").evaluate("each => each.scrollWidth <= each.clientWidth")
    torn = page.evaluate(
        """[...document.querySelectorAll("tbody th bdi")].filter((name) =>
        name.textContent === "Recommendations" && name.getClientRects().length > 1).length"""
    )
    assert torn == 0


def test_print_has_the_figures_and_not_the_controls(visit: Callable[..., Any], sample: Load) -> None:
    page = visit(page_of(sample("channels_and_managers")), scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator(".what-if").is_visible()
    assert page.locator("main details:not(.same, .copies) table").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
