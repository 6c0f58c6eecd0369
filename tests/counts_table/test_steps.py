"""Funnels that are known, written as people's spreadsheets and reports have them: they come back, or are refused.

A form is drawn by language, delimiter, number format, order of columns, columns beside the counts, lines around the
table and totals. Whatever is drawn, the funnel that is read is the one that was written.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.diagnostics import Problem
    from funnelcli.model import Funnel

LANGUAGES: dict[str, dict[str, Any]] = {
    "en": {"step": ["Step", "Stage", "step_name", "Funnel step"], "count": ["Users", "Sessions", "Count", "visitors"],
           "label": ["Channel", "Device category"], "total": ["Total", "Grand total"],
           "rate": ["Conversion rate", "CTR"],
           "steps": ["Visits", "Sign-ups", "Trials", "Offers", "Orders", "Renewals"]},
    "de": {"step": ["Schritt", "Stufe", "Phase"], "count": ["Nutzer", "Anzahl", "Sitzungen"],
           "label": ["Kanal", "Gerät"], "total": ["Gesamt", "Summe", "Gesamtergebnis"],
           "rate": ["Conversion-Rate", "Anteil"],
           "steps": ["Besuche", "Anfragen", "Muster", "Angebote", "Käufe", "Verlängerungen"]},
    "fr": {"step": ["Étape"], "count": ["Utilisateurs", "Visites"], "label": ["Canal", "Appareil"],
           "total": ["Total", "Total général"], "rate": ["Taux de conversion"],
           "steps": ["Visites", "Demandes", "Essais", "Devis", "Achats", "Renouvellements"]},
    "ru": {"step": ["Этап", "Шаг воронки"], "count": ["Количество", "Пользователи"], "label": ["Канал", "Устройство"],
           "total": ["Итого", "Всего", "Общий итог"], "rate": ["Конверсия (%)", "Доля"],
           "steps": ["Визиты", "Заявки", "Пробы", "Предложения", "Продажи", "Продления"]},
    "es": {"step": ["Etapa", "Paso"], "count": ["Usuarios", "Sesiones"], "label": ["Canal", "Dispositivo"],
           "total": ["Total", "Total general"], "rate": ["Tasa de conversión"],
           "steps": ["Visitas", "Solicitudes", "Pruebas", "Ofertas", "Compras", "Renovaciones"]},
}  # fmt: skip
SEGMENTS = ["Ads", "SEO", "Newsletter", "Partner 7"]
PERIODS = [["2026-07", "2026-08", "2026-09", "2026-10"], ["Jan", "Feb", "Mar", "Apr"], ["Q1", "Q2", "Q3", "Q4"]]
GROUPS = {"plain": "", "comma": ",", "point": ".", "space": " ", "hard space": "\u00a0", "thin": "\u202f", "mark": "'"}


class Known(NamedTuple):
    """A funnel that was written: counts by segment, in the order of the steps."""

    steps: list[str]
    segments: dict[str, list[int]]

    @property
    def whole(self) -> list[int]:
        return [sum(column) for column in zip(*self.segments.values(), strict=True)]


class Form(NamedTuple):
    """How it is written."""

    words: dict[str, Any]
    delimiter: str
    group: str
    quote_all: bool
    end: str
    bom: bool
    above: int
    blank_columns: bool
    beside: list[str]
    with_total: bool
    below: str
    pick: int


def number(count: int, form: Form) -> str:
    return f"{count:,}".replace(",", GROUPS[form.group])


def one_of(names: list[str], form: Form) -> str:
    return names[form.pick % len(names)]


@st.composite
def funnels(draw: st.DrawFn, words: dict[str, Any], most_segments: int) -> Known:
    width = draw(st.integers(2, 6))
    names = SEGMENTS[: draw(st.integers(1, most_segments))]
    segments = {}
    for name in names:
        count = draw(st.one_of(st.integers(1, 60), st.integers(30, 3_000_000)))
        row = []
        for _ in range(width):
            row.append(count)
            count = draw(st.integers(count // 50, count))
        segments[name] = row
    return Known(words["steps"][:width], segments)


@st.composite
def forms(draw: st.DrawFn) -> Form:
    return Form(
        LANGUAGES[draw(st.sampled_from(sorted(LANGUAGES)))],
        draw(st.sampled_from([",", ";", "\t"])),
        draw(st.sampled_from(sorted(GROUPS))),
        draw(st.booleans()),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.booleans()),
        draw(st.integers(0, 3)),
        draw(st.booleans()),
        draw(st.lists(st.sampled_from(["rate", "percent", "index", "price", "seconds"]), unique=True, max_size=3)),
        draw(st.booleans()),
        draw(st.sampled_from(["", "note", "table"])),
        draw(st.integers(0, 5)),
    )


def extra(kind: str, form: Form, counts: list[int], at: int) -> tuple[str, str]:
    """The name of a column beside the counts, and its cell beside the count at a place."""
    mark = "," if form.group in ("point", "space", "hard space", "thin") else "."
    share = counts[at] / max(counts[max(at - 1, 0)], 1)
    return {
        "rate": (one_of(form.words["rate"], form), f"{share:.4f}".replace(".", mark)),
        "percent": ("%", f"{share:.1%}".replace(".", mark)),
        "index": ("#", str(at + 1)),
        "price": ("CPC", f"{0.37 + at:.2f}".replace(".", mark)),
        "seconds": ("Time (s)", str(31 * at)),
    }[kind]


def text_of(rows: list[list[str]], form: Form) -> bytes:
    """Rows as a file, with lines around them."""
    if form.blank_columns:
        rows = [["", *row] for row in rows]
    out = StringIO()
    writer = csv.writer(
        out,
        delimiter=form.delimiter,
        lineterminator=form.end,
        quoting=csv.QUOTE_ALL if form.quote_all else csv.QUOTE_MINIMAL,
    )
    titles = [["Quarterly report"], ["created by", "somebody"], []]
    writer.writerows(titles[: form.above])
    writer.writerows(rows)
    if form.below == "note":
        writer.writerows([[], ["Source: our own count"]])
    elif form.below == "table":
        writer.writerows([[], ["Page", "Author"], ["/a", "Kim"]])
    return (("\ufeff" if form.bom else "") + out.getvalue()).encode()


def long_table(known: Known, form: Form) -> bytes:
    """A row a step, of all units."""
    step, count = one_of(form.words["step"], form), one_of(form.words["count"], form)
    beside = form.beside
    names = [extra(kind, form, known.whole, 0)[0] for kind in beside]
    rows = [[step, count, *names]]
    for at, name in enumerate(known.steps):
        cells = [extra(kind, form, known.whole, at)[1] for kind in beside]
        rows.append([name, number(known.whole[at], form), *cells])
    if form.pick % 2:
        rows = [[row[1], row[0], *row[2:]] for row in rows]
    return text_of(rows, form)


def long_table_of_segments(known: Known, form: Form) -> bytes:
    """A row a step and segment, the cells of steps or segments merged or not."""
    words = form.words
    total = [one_of(words["total"], form)] if form.with_total and len(known.segments) > 1 else []
    parts = {**known.segments, **dict.fromkeys(total, known.whole)}
    rows = [[one_of(words["label"], form), one_of(words["step"], form), one_of(words["count"], form)]]
    if form.pick % 2:
        body = [[name, step, counts[at]] for name, counts in parts.items() for at, step in enumerate(known.steps)]
        merged = 0
    else:
        body = [[name, step, counts[at]] for at, step in enumerate(known.steps) for name, counts in parts.items()]
        merged = 1
    before = None
    for cells in body:
        row = [str(cells[0]), str(cells[1]), number(int(str(cells[2])), form)]
        if form.pick >= 4 and row[merged] == before:
            row[merged] = ""
        before = before if not row[merged] else row[merged]
        rows.append(row)
    return text_of(rows, form)


def wide_table(known: Known, form: Form) -> bytes:
    """A row a segment, a column a step."""
    rows = [[one_of(form.words["label"], form), *known.steps]]
    rows += [[name, *(number(count, form) for count in counts)] for name, counts in known.segments.items()]
    if form.with_total and len(known.segments) > 1:
        rows.append([one_of(form.words["total"], form), *(number(count, form) for count in known.whole)])
    beside = [kind for kind in form.beside if kind in ("percent", "price")]
    for kind in beside:
        name = extra(kind, form, known.whole, 0)[0]
        for at, row in enumerate(rows):
            row.append(extra(kind, form, known.whole, min(at, len(known.steps) - 1))[1] if at else name)
    return text_of(rows, form)


def crossed_table(known: Known, form: Form) -> bytes:
    """A row a step, a column a segment or a period."""
    names = list(known.segments)
    if form.pick % 2:
        names = PERIODS[form.pick % 3][: len(names)]
    total = [one_of(form.words["total"], form)] if form.with_total else []
    rows = [[one_of(form.words["step"], form), *names, *total]]
    for at, step in enumerate(known.steps):
        counts = [row[at] for row in known.segments.values()]
        rows.append([step, *(number(count, form) for count in counts), *([number(sum(counts), form)] if total else [])])
    return text_of(rows, form)


def the_funnel(data: bytes, **options: Any) -> Funnel | list[Problem]:
    found = import_table(data, "t.csv", ImportOptions(**options))
    if not isinstance(found, Imported):
        return [each.problem for each in found]
    (funnel,) = found.funnels
    return funnel


def compare(found: Funnel | list[Problem], known: Known, data: bytes, with_segments: bool) -> None:
    """That what was read is what was written; a refusal says one thing and how to go on."""
    if isinstance(found, list):
        assert len(found) == 1, (found, data.decode())
        assert found[0].help, found
        return
    assert [stage.name for stage in found.stages] == known.steps, data.decode()
    assert [stage.count for stage in found.stages] == known.whole, data.decode()
    if with_segments and len(known.segments) > 1:
        (breakdown,) = found.breakdowns
        assert [list(segment.counts) for segment in breakdown.segments] == list(known.segments.values()), data.decode()


WRITERS = {
    "long": (long_table, 1),
    "long, by segment": (long_table_of_segments, 4),
    "wide": (wide_table, 4),
    "crossed": (crossed_table, 4),
}


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=whole_or_part(60, 20), deadline=None)
@given(data=st.data())
def test_a_known_funnel_comes_back_or_is_refused(kind: str, data: st.DataObject) -> None:
    write, most = WRITERS[kind]
    form = data.draw(forms())
    known = data.draw(funnels(form.words, most))
    content = write(known, form)
    compare(the_funnel(content), known, content, with_segments=kind != "long")


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_forms_are_read_in_every_language(kind: str, language: str) -> None:
    write, most = WRITERS[kind]
    words = LANGUAGES[language]
    known = Known(
        words["steps"][:3], dict(zip(SEGMENTS[:most], [[900, 80, 7], [640, 61, 9], [50, 9, 0]], strict=False))
    )
    for pick in range(6):
        form = Form(
            words, ",", "plain", False, "\n", False, 2, False, ["percent"] if kind == "long" else [], True, "", pick
        )
        content = write(known, form)
        found = the_funnel(content)
        assert not isinstance(found, list), (found, content.decode())
        compare(found, known, content, with_segments=kind != "long")
