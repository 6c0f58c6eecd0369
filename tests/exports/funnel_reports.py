"""Made-up visitors who go through the steps of a funnel, as reports of web and product analytics count them."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from tests.exports.files import table, write

STEPS = ("View item", "Add to cart", "Begin checkout", "Add payment info", "Purchase")
DEVICES = {"mobile": 60, "desktop": 34, "tablet": 6}
GOES_ON = (0.31, 0.62, 0.8, 0.71)
PERIOD = ("20260901", "20260930", "2026-09")

Counts = dict[str, list[int]]
"""Counts by segment, in the order of the steps."""


def visitors(seed: int, number: int, segments: dict[str, int]) -> Counts:
    """How many visitors of each segment came to each step."""
    draw = random.Random(seed)
    bag = [name for name, weight in segments.items() for _ in range(weight)]
    found = {name: [0] * len(STEPS) for name in segments}
    for _ in range(number):
        name = bag[int(draw.random() * len(bag))]
        for at in range(len(STEPS)):
            if at and draw.random() >= GOES_ON[at - 1]:
                break
            found[name][at] += 1
    return found


def whole(counts: Counts) -> list[int]:
    """The counts of all segments together."""
    return [sum(column) for column in zip(*counts.values(), strict=True)]


def wanted(counts: Counts, dimension: str | None, **more: Any) -> dict[str, Any]:
    """What is expected of a report of these counts."""
    notes = more.pop("notes_contain", [])
    funnel = {**more, "stages": dict(zip(STEPS, whole(counts), strict=True))}
    if dimension is not None:
        funnel["breakdowns"] = {dimension: counts}
    return {"notes_contain": notes, "funnels": [funnel]}


def ga4() -> None:
    """The funnel exploration of Analytics: a block of comments, steps named once, rates and times beside the users."""

    def rows(counts: Counts, total: str, with_segments: bool) -> list[list[object]]:
        found: list[list[object]] = []
        for at, step in enumerate(STEPS):
            for place, (segment, row) in enumerate(
                [(total, whole(counts)), *(counts.items() if with_segments else ())]
            ):
                name = f"{at + 1}. {step}" if place == 0 else ""
                users, after = row[at], row[at + 1] if at + 1 < len(STEPS) else None
                rates = ["", "", ""] if after is None else [repr(after / users), users - after, repr(1 - after / users)]
                elapsed = "" if after is None else (repr(1.9e9 * (at + 1) + place / 7) if place else f"{1.2 + at}E+11")
                found.append([name, *([segment] if with_segments else ()), elapsed, users, *rates])
        return found

    def above(name: str, tab: str) -> str:
        line = "# ----------------------------------------"
        return f"\ufeff{line}\n# example.com - GA4\n# {name}-{tab}\n# {PERIOD[0]}-{PERIOD[1]}\n{line}\n\n"

    english = ["Step", "Device category", "Elapsed time", "Active users", "Completion rate", "Abandonments"]
    german = ["Schritt", "Gerätekategorie", "Verstrichene Zeit", "Aktive Nutzer", "Abschlussrate", "Abbrüche"]
    french = ["Étape", "Temps écoulé", "Utilisateurs actifs", "Taux d'achèvement", "Abandons", "Taux d'abandon"]
    devices = visitors(1, 9_400, DEVICES)
    second = "\n\nStep,Device category,Next action,Active users\n1. View item,mobile,scroll,4102\n"
    text = above("Checkout", "Funnel exploration 1") + table(
        [[*english, "Abandonment rate"], *rows(devices, "Total", True)], after=second
    )
    more = {"name": "Checkout", "period": PERIOD[2]}
    noted = ["adds up the others", "another table", "Elapsed time"]
    write("ga4_funnel", "download.csv", text, wanted(devices, "Device category", notes_contain=noted, **more))
    countries = visitors(2, 12_000, {"Germany": 70, "Austria": 18, "Switzerland": 12})
    text = above("Kasse - Shop", "Trichter 1") + table(
        [[*german, "Abbruchrate"], *rows(countries, "Gesamt", True)], end="\r\n"
    )
    write("ga4_funnel", "Kasse.csv", text, wanted(countries, "Gerätekategorie", name="Kasse - Shop", period=PERIOD[2]))
    text = above("Achats", "Exploration 1") + table([french, *rows(devices, "", False)])
    write("ga4_funnel", "achats.csv", text, wanted(devices, None, name="Achats", period=PERIOD[2]))
    users = whole(devices)
    opened = [users[0], users[1], users[2] + 240, users[2] + 900, users[4]]
    lost = [users[0] - users[1], users[1] - users[2], 700, opened[3] - users[4]]
    body = [
        [f"{at + 1}. {step}", opened[at], "0.5", *lost[at : at + 1], *([""] if at == len(lost) else ())]
        for at, step in enumerate(STEPS)
    ]
    text = above("Open", "Funnel exploration 1") + table(
        [["Step", "Active users", "Completion rate", "Abandonments"], *body]
    )
    late = f'240 at "Begin checkout" and {opened[3] - (opened[2] - 700)} at "Add payment info"'
    found = {"name": "Open", "stages": dict(zip(STEPS, opened, strict=True)), "breakdowns": {}}
    write("ga4_funnel", "open.csv", text, {"notes_contain": [late], "funnels": [found]})
    header = ["funnelStepName", "deviceCategory", "activeUsers", "funnelStepCompletionRate", "funnelStepAbandonments"]
    body = [
        [f"{at + 1}. {step}", name, of[at], "", "" if at + 1 == len(STEPS) else of[at] - of[at + 1]]
        for at, step in enumerate(STEPS)
        for name, of in [("RESERVED_TOTAL", users), *devices.items()]
    ]
    write("ga4_funnel", "api.csv", table([header, *body]), wanted(devices, "deviceCategory"))
    header = ["Step", "Segment", "Active users", "Completion rate"]
    parts = {"All Users": users, "Buyers": [users[4]] * 5, "Mobile": devices["mobile"]}
    rows_of = [
        ["" if place else f"{at + 1}. {step}", name, of[at], ""]
        for at, step in enumerate(STEPS)
        for place, (name, of) in enumerate(parts.items())
    ]
    text = above("Segments", "Tab 1") + table([header, *rows_of])
    made = {name: of for name, of in parts.items() if name != "All Users"}
    write(
        "ga4_funnel",
        "segments.csv",
        text,
        {"funnels": [{"stages": dict(zip(STEPS, users, strict=True)), "breakdowns": {"segment": made}}]},
    )
    alone = [
        [f"{at + 1}. {step}" if name == "Buyers" else "", name, of[at], ""]
        for at, step in enumerate(STEPS)
        for name, of in made.items()
    ]
    refused = {"code": "FN114", "contains": ["Segment", "overlap"]}
    write("ga4_funnel", "overlapping.csv", above("Segments", "Tab 1") + table([header, *alone]), {"refused": refused})
    text = above("Trend", "Funnel exploration 1") + table(
        [
            ["Step", "Date", "Active users", "Completion rate"],
            *[[f"1. {STEPS[0]}", f"2026090{day}", 100, 0.3] for day in (1, 2)],
        ]
    )
    write("ga4_funnel", "trended.csv", text, {"refused": {"code": "FN114", "contains": ["Date", "trend"]}})


def posthog() -> None:
    """The file that its exporter writes: name, breakdown_value, action_id, count, median and mean seconds."""
    header = ["name", "breakdown_value", "action_id", "count"]
    header += ["median_conversion_time (seconds)", "average_conversion_time (seconds)"]
    names, actions = (
        ("$pageview", "$pageview", "Signed up", "Paid"),
        ("$pageview", "$pageview", "signup", "invoice_paid"),
    )
    counts, seconds = (5120, 2304, 410, 96), (0, 81, 10_800, 345_600)
    rows = [
        [name, "", action, count, *(["", ""] if not at else [f"{time / 3}", f"{time}.0"])]
        for at, (name, action, count, time) in enumerate(zip(names, actions, counts, seconds, strict=True))
    ]
    stages = ("$pageview", "$pageview (2)", "Signed up", "Paid")
    days = {stage: str(float(Fraction(time, 86_400))) for stage, time in zip(stages[1:], seconds[1:], strict=True)}
    funnel = {"stages": dict(zip(stages, counts, strict=True)), "days": days, "breakdowns": {}}
    write("posthog_funnel", "export-signup.csv", table([header, *rows], end="\r\n"), {"funnels": [funnel]})
    parts = {"Chrome": (3000, 210, 60), "Safari": (1500, 85, 30), "$$_posthog_breakdown_other_$$": (620, 45, 10)}
    hours = {"Chrome": 12, "Safari": 24, "$$_posthog_breakdown_other_$$": 12}
    rows = [
        [name, part, action, of[at], *(["", ""] if not at else ["1800.0", f"{hours[part] * 3600}.0"])]
        for part, of in parts.items()
        for at, (name, action) in enumerate((("Visit", "$pageview"), ("Signed up", "signup"), ("Paid", "invoice_paid")))
    ]
    made = {name: list(of) for name, of in parts.items()}
    noted = ["medians of segments do not add up"]
    # of 340 who signed up, 85 took a day and the others half a day; of 100 who paid, 30
    found = {
        "stages": {"Visit": 5120, "Signed up": 340, "Paid": 100},
        "breakdowns": {"breakdown": made},
        "days": {"Signed up": "0.625", "Paid": "0.65"},
    }
    write("posthog_funnel", "by_browser.csv", table([header, *rows]), {"notes_contain": noted, "funnels": [found]})
    rows = [["1", "Visit", "Landing", 0, 900, ""], ["2", "signup", "", 1, 90, "86400"]]
    text = table([["action_id", "name", "custom_name", "order", "count", "average_conversion_time"], *rows])
    found = {"stages": {"Landing": 900, "signup": 90}, "days": {"signup": 1}}
    write("posthog_funnel", "api.csv", text, {"funnels": [found]})


def matomo() -> None:
    """The flow of the plugin Funnels, as the API writes it (tabs) and in the words of the account."""
    header = ["label", "step_nb_visits_actual", "step_nb_entries", "step_nb_exits", "step_nb_visits", "step_nb_skipped"]
    header += ["step_nb_proceeded", "step_nb_progressions", "step_proceeded_rate", "metadata_step_definition"]
    steps = ("Job board", "Job view", "New Job Application")
    rows = [
        [steps[0], 7400, 7400, 5180, 7400, 0, 2220, 0, "30%", 'Pattern: Path equals "/jobs"', 1],
        [steps[1], 1980, 0, 1850, 2220, 240, 370, 1980, "16.7%", 'Pattern: Path starts with "/jobs/view/"', 2],
        [steps[2], 370, 0, 0, 370, "", 0, 370, "0%", "Converts goal: New Job Application", 3],
    ]
    counts = dict(zip(steps, (7400, 2220, 370), strict=True))
    text = table([[*header, "metadata_step_position"], *rows], delimiter="\t")
    write("matomo_funnel", "Export.tsv", text, {"funnels": [{"stages": counts, "breakdowns": {}}]}, encoding="utf-16")
    german = ["Bezeichnung", "Schritt Besuche", "Schritt Einstiege", "Schritt Ausstiege", "Fortgefahrenrate"]
    rows = [["Stellen", 7400, 7400, 5180, "30%"], ["Stelle", 2520, 300, 2150, "14,7%"], ["Bewerbung", 370, 0, 0, "0%"]]
    found = {"stages": {"Stellen": 7400, "Stelle": 2520, "Bewerbung": 370}}
    late = 'an open funnel: 300 at "Stelle"'
    write("matomo_funnel", "Trichter.csv", table([german, *rows]), {"notes_contain": [late], "funnels": [found]})


def mixpanel() -> None:
    """A row a step with ratios and seconds; and a column a step, with the row of all of them first."""
    header = ["step", "event", "count", "step_conv_ratio", "overall_conv_ratio", "avg_time", "avg_time_from_start"]
    counts, seconds = [31_250, 9_375, 1_500], [0, 5400, 172_800]
    events = ("App Open", "Sign Up", "Purchase")
    rows = [
        [at + 1, event, counts[at], counts[at] / counts[max(at - 1, 0)], counts[at] / counts[0], float(seconds[at])]
        for at, event in enumerate(events)
    ]
    text = table([header, *([*row, float(sum(seconds[: at + 1]))] for at, row in enumerate(rows))])
    found = {"stages": dict(zip(events, counts, strict=True)), "days": {"Sign Up": "0.0625", "Purchase": 2}}
    write("mixpanel_funnel", "funnel.csv", text, {"funnels": [{**found, "breakdowns": {}}]})
    countries = {"United States": [900, 300, 45], "Germany": [610, 190, 30], "(not set)": [40, 8, 0]}
    names = [f"{event} - {figure}" for event in events for figure in ("Count", "Conversion Rate")]
    rows = [
        [country, *(cell for count in of for cell in (count, count / of[0]))]
        for country, of in [("$overall", [1500, 490, 75]), *countries.items()]
    ]
    text = table([["Country", *names], *rows], quote_all=True)
    # one person may be of two countries: the whole is less than its parts
    made = {"stages": dict(zip(events, (1500, 490, 75), strict=True)), "breakdowns": {"Country": countries}}
    noted = ["1500 in all", "adds up the others"]
    write("mixpanel_funnel_columns", "by_country.csv", text, {"notes_contain": noted, "funnels": [made]})


def amplitude() -> None:
    """What the API of dashboards says of a funnel, a row a step."""
    header = ["events", "cumulativeRaw", "cumulative", "stepByStep", "medianTransTimes", "avgTransTimes"]
    rows = [
        ["View Item", 5210, 1.0, 1.0, 0, 0],
        ["Add Item", 1042, 0.2, 0.2, 61_000, 90_500.25],
        ["Pay", 521, 0.1, 0.5, 1, 2],
    ]
    counts = {"View Item": 5210, "Add Item": 1042, "Pay": 521}
    write("amplitude_funnel", "funnel.csv", table([header, *rows]), {"funnels": [{"stages": counts, "breakdowns": {}}]})


def funnel_reports() -> None:
    """All of them."""
    for write_samples in (ga4, posthog, matomo, mixpanel, amplitude):
        write_samples()
