"""Tables of counts by month or day, as people keep them: months by name or date, and the time in a line above."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from .counts import falling, money, total_row, wide_meanings
from .printing import dialect
from .sheet import Cell, Column, Meaning, Row, Sheet, World
from .times import LINES, Span, as_labels, month_of, name_of, time_of_lines

if TYPE_CHECKING:
    from random import Random


class Words(NamedTuple):
    """A language: its country, what stands above months and days, stages, money spent, total, and the months."""

    country: str
    month: str
    day: str
    stages: tuple[str, ...]
    spend: str
    total: str
    months: tuple[str, ...]


LANGUAGES = (
    Words(
        "en",
        "Month",
        "Date",
        ("Visits", "Leads", "Orders"),
        "Cost",
        "Total",
        (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
    ),
    Words(
        "de",
        "Monat",
        "Datum",
        ("Besuche", "Anfragen", "Käufe"),
        "Kosten",
        "Summe",
        (
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ),
    ),
    Words(
        "ru",
        "Месяц",
        "Дата",
        ("Визиты", "Заявки", "Продажи"),
        "Расход",
        "Итого",
        (
            "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
            "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
        ),
    ),
    Words(
        "fr",
        "Mois",
        "Date",
        ("Visites", "Inscriptions", "Achats"),
        "Dépenses",
        "Total",
        (
            "janvier", "février", "mars", "avril", "mai", "juin",
            "juillet", "août", "septembre", "octobre", "novembre", "décembre",
        ),
    ),
)  # fmt: skip
FORMS = {"month": ("%Y-%m", "%B %Y", "%Y-%m-%d", "%d.%m.%Y"), "day": ("%Y-%m-%d", "%d.%m.%Y")}


def monthly(random: Random) -> Sheet:
    """A row a month, or a day; of each channel in some."""
    words = random.choice(LANGUAGES)
    level = random.choice(("month", "month", "day"))
    form = random.choice(FORMS[level])
    first = date(2026, random.randint(1, 8), 1 if level == "month" else random.randint(2, 9))
    days = [first]
    for _ in range(random.randint(1, 4)):
        days.append(month_of(days[-1]).last + timedelta(days=1) if level == "month" else days[-1] + timedelta(days=3))
    channels = random.choice(([], ["Ads", "SEO"]))
    columns = [Column("date", words.month if level == "month" else words.day)]
    columns = [column._replace(key=column.name) for column in columns]
    columns += [Column("label", "Channel", "Channel")] if channels else []
    columns += [Column("count", name, name) for name in words.stages]
    columns += [Column("spend", words.spend)] if random.random() < 0.5 else []
    style = dialect(random, words.country, ("utf-8", "utf-8-sig"))
    style = style._replace(date=form, months=words.months if "%B" in form else ())
    rows = []
    for day in days:
        for channel in channels or [""]:
            left = iter(falling(random, len(words.stages), random.randint(30, 9000)))
            cells: dict[str, Any] = {"date": Cell(day, "date"), "label": Cell(channel)}
            cells["spend"] = Cell(money(random, 900), "money")
            rows.append(Row(tuple(cells.get(each.kind) or Cell(next(left), "count") for each in columns)))
    lines = [line for line, span in LINES.items() if span.first <= days[0] <= days[-1] <= span.last]
    above = (random.choice(lines),) if lines and random.random() < 0.5 else ()
    sheet = Sheet(tuple(columns), tuple(rows), style, above)
    if random.random() < 0.4:
        total = total_row(sheet.columns_as("date", "label"), words.total, random)
        sheet = sheet._replace(rows=(*rows, total))
    return sheet._replace(truth=sheet.columns)


def meanings(sheet: Sheet) -> list[Meaning]:
    """What such a table means; its time is that of the line above, where all rows are within, else that of the rows."""
    period = _period(sheet)
    periods = [period]
    if any(row.cells[at].written for at in sheet.at("date") for row in sheet.rows):  # which may be no day
        told = time_of_lines(sheet.above)
        periods.append(None if told is None else name_of(told))
    sheets = as_labels(sheet) or [sheet]
    return [each._replace(period=time) for one in sheets for time in periods for each in wide_meanings(one)]


def _period(sheet: Sheet) -> str | None:
    told, spans = time_of_lines(sheet.above), _spans(sheet)
    if not spans:
        return None if told is None else name_of(told)
    own = Span(min(span.first for span in spans), max(span.last for span in spans))
    return name_of(told if told is not None and told.first <= own.first <= own.last <= told.last else own)


def _spans(sheet: Sheet) -> list[Span]:
    """The times of the rows; none where one of them is not known."""
    for at in sheet.at("date"):
        cells = [row.cells[at] for row in sheet.rows if not row.total]
        days = [cell.value for cell in cells if isinstance(cell.value, date)]
        if len(days) < len(cells):
            continue
        in_months = "%d" not in sheet.dialect.date and sheet.dialect.book is None
        if in_months or (len(set(days)) > 1 and all(day.day == 1 for day in days)):
            return [month_of(day) for day in days]
        return [Span(day, day) for day in days]
    return []


WORLDS = (World("spreadsheet_months", monthly, meanings),)
