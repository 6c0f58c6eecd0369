"""Text of charts: how wide it is, where it is cut, which fonts have it."""

from __future__ import annotations

import pytest

from funnelcli.output.report.lettering import fitted, fonts, width, wrapped


def test_widths_are_the_larger_ones_of_the_font_metrics() -> None:
    """Helvetica: F 611, u 556, e 556, l 222, W 944, i 222; DejaVu Sans: F 575, u 634, n 634, e 615, l 278, W 989."""
    assert width("Funnel", 10) == pytest.approx(6.11 + 6.34 + 6.34 + 6.34 + 6.15 + 2.78, rel=0.01)
    assert width("Wi", 1000, bold=True) == pytest.approx(1.1 * 1.15 * (989 + 278))


def test_marks_take_no_room() -> None:
    assert width("e\u0301", 1000) == width("e", 1000)


def test_text_that_fits_stays_and_the_border_is_its_width() -> None:
    room = width("Visitors", 13)
    assert fitted("Visitors", room, 13) == "Visitors"
    assert fitted("Visitors", room - 0.1, 13) != "Visitors"


@pytest.mark.parametrize("letter", ["n", "Ж", "🎉", "访", "ز", "\U00020000"])
@pytest.mark.parametrize("room", [20, 40, 133, 250])
def test_what_is_cut_fits_and_is_a_beginning(letter: str, room: int) -> None:
    for length in range(1, 60):
        text = letter * length
        shown = fitted(text, room, 13)
        assert width(shown, 13) <= room
        assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))


@pytest.mark.parametrize("whole", ["e\u0301", "👍🏽", "🇩🇪", "का", "☎\ufe0f"])
def test_what_is_one_character_to_the_eye_is_not_torn_apart(whole: str) -> None:
    for room in range(20, 200, 3):
        shown = fitted(whole * 50, room, 13)
        assert shown.endswith("…")
        assert shown[:-1] in [whole * times for times in range(50)], room


def test_no_room_is_an_ellipsis() -> None:
    assert fitted("Visitors", 0, 13) == "…"


@pytest.mark.parametrize("text", ["", "Visitors", "Посетители", "Φίλοι", "é – 5 €", "🎉", "שלום 访问"])
def test_the_usual_fonts_stay_where_they_have_the_letters_or_none_has(text: str) -> None:
    assert fonts(text, "Arial") == "Arial"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("زوار الموقع", "Noto Sans Arabic"),
        ("שלום…", "Noto Sans Hebrew"),
        ("वेबसाइट", "Noto Sans Devanagari"),
        ("访问", "Noto Sans CJK SC"),
        ("Conversion to زوار", "DejaVu Sans"),
        ("访问 (conversion)", "Arial"),
    ],
)
def test_the_first_font_has_the_letters_of_a_script_and_those_beside_them(text: str, first: str) -> None:
    named = fonts(text, "Arial").split(", ")
    assert named[0] == first
    assert named[-1] == "Arial"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Paid", ["Paid"]),
        ("nnnn nnnnnn", ["nnnn", "nnnnnn"]),
        ("nnnnnnnnnnnnnn", ["nnnnnnn", "nnnnnnn"]),  # a word longer than a line
        ("資料資料資料", ["資料資料", "資料"]),
        ("nnnn nnnnnn nnnnnn", ["nnnn", "nnnnn…"]),
    ],
)
def test_text_takes_a_second_line_and_is_cut_there(text: str, lines: list[str]) -> None:
    """A digit or an `n` is 0.636 of the size, an ideograph is 1: 7 of the one and 4 of the other in 45 at size 10."""
    assert wrapped(text, 45, 10, 2) == lines
