"""Encodings: the same table in each is the same table, and what is not proved is refused with the way to say it.

The texts are such as exports have; none was chosen from the words by which languages are told.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelcli.counts_table.code_pages import PAGES
from funnelcli.counts_table.grid import Grid, read_grid
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.recipes import recipes
from tests.conftest import ROOT
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic

RUSSIAN = "Дата;Название кампании;Показы;Расход\n01.08.2026;Осенние куртки;1000;5,50\n02.08.2026;Сапоги;10;1,00\n"
UKRAINIAN = "Назва;Етап;Бюджет\nЇжачок;Перемовини;100\nЄвросвіт;Рахунок надіслано;5\n"
TABLES = {
    "russian": (RUSSIAN, ["cp1251", "koi8-r", "cp866", "iso8859-5"]),
    "ukrainian": (UKRAINIAN, ["cp1251"]),
    "english": ("Name;Price (€)\nTom’s – shop;5\n", ["cp1252", "cp1250", "cp1254", "cp1257"]),
    "pounds": ("Name;Cost\nAds;£500\n", ["cp1252"]),
    "german": ("Kanal;Käufe;Währung\nGesäß;5;€\nFüße;3;€\n", ["cp1252", "cp1250", "mac-roman", "iso8859-15"]),
    "of_dos": ("Kanal;Käufe;Währung\nGesäß;5;EUR\nFüße;3;EUR\n", ["cp1252", "cp850", "cp1257"]),
    "french": ("Étape;Coût;Référent\nPrésenté;5;Aurèle Lefèvre\nRelancé;6;Benoît\n", ["cp1252", "mac-roman"]),
    "spanish": ("Campaña;Compañía;Año\nOtoño;Añejos Muñiz;2026\nSueños;Riaño;2026\n", ["cp1252"]),
    "portuguese": ("Conversões;Região\n5;São Simão\n6;Jordão\n", ["cp1252"]),
    "swedish": ("Namn;Försäljning\nSjöberg;5\nÅkerlund;6\nNorrköping;2\n", ["cp1252"]),
    "polish": ("Właściciel;Kwota;Źródło\nBłażej Gołębiowski;5;Wyszukiwarka\nMączyński;6;Ulotka – ósma\n", ["cp1250"]),
    "czech": ("Název;Částka;Zdroj\nBartůněk;5;Vyhledávání\nŘíhošek;6;Přímý\n", ["cp1250"]),
    "hungarian": ("Név;Összeg\nDezső;5\nFűszeres Kft.;6\nKönyves Jenő;6\n", ["cp1250"]),
    "turkish": ("Müşteri;Tutar;Aşama\nGökhan Şahin;5;Kazanıldı\nBarış;6;Görüşüldü\n", ["cp1254"]),
    "japanese": ("日付;キャンペーン;費用\n2026/09/01;秋のセール;500\n商談;山田商事;1\n", ["cp932"]),
    "chinese": ("日期;推广计划;展示次数\n2026-09-01;秋季促销;1000\n上海科技公司;赢单;5\n", ["gb18030"]),
    "korean": ("날짜;캠페인;노출수\n2026-09-01;가을 세일;1000\n납품;계약완료;5\n", ["cp949"]),
    "greek": ("Ημερομηνία;Πελάτης;Ποσό\n1;Κώστας Παπαδόπουλος;5\n2;Σπύρος;6\n", ["cp1253"]),
}
WRITTEN = [(name, text, page) for name, (text, pages) in TABLES.items() for page in pages]


def grid(data: bytes, **options: str) -> Grid:
    found = read_grid(data, "t.csv", ImportOptions(**options))  # type: ignore[arg-type]
    assert isinstance(found, Grid), found
    return found


def refused(data: bytes, **options: str) -> Diagnostic:
    found = read_grid(data, "t.csv", ImportOptions(**options))  # type: ignore[arg-type]
    assert isinstance(found, list), found
    (only,) = found
    assert only.problem.code == "FN001"
    assert only.problem.help
    return only


def rows(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.splitlines()]


@pytest.mark.parametrize(("name", "text", "page"), WRITTEN, ids=[f"{name}-{page}" for name, _, page in WRITTEN])
def test_a_table_in_a_code_page_is_read_and_the_page_is_said(name: str, text: str, page: str) -> None:
    found = grid(text.encode(page))
    assert found.rows == rows(text)
    (note,) = found.notes
    assert re.fullmatch(
        r"the text is read as (Windows-\d+|KOI8-R|ISO-8859-\d+|code page \d+|Mac Roman|GB 18030|Shift JIS .*)",
        note,
    )
    assert grid(text.encode(page), encoding=page).rows == rows(text)


@pytest.mark.parametrize("text", [text for text, _ in TABLES.values()], ids=TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_unicode_is_read_with_and_without_its_mark(text: str, encoding: str, end: str) -> None:
    found = grid(text.replace("\n", end).encode(encoding))
    assert found.rows == rows(text)
    assert found.notes == ([] if "8" in encoding else [f"the text is read as {encoding[:6].upper()}"])


def test_a_mark_before_the_bytes_of_a_named_order_is_no_part_of_the_first_name() -> None:
    for encoding, name in product(("utf-16-le", "utf-16-be"), ("utf-16", None)):
        data = ("\ufeff" + RUSSIAN).encode(encoding)
        assert (grid(data) if name is None else grid(data, encoding=name)).rows == rows(RUSSIAN)


@pytest.mark.parametrize(
    "data",
    [
        "Name;Value\nЯ;5\nБ;3\n".encode("cp1251"),  # single letters prove nothing
        "Name;Value\nHélène Lè;5\n".encode("cp1252")[:-9] + "è;5\n".encode("cp1252"),
        "日期,廣告活動,曝光次數\n秋季促銷,5,1\n".encode("big5"),
        "日付,金額,ステージ\n一月,5,広告\n".encode("euc_jp"),
        "วันที่,จำนวน\nก,5\n".encode("cp874"),
        b"Name;V\n" + bytes(range(0x80, 0x100)),
    ],
)
def test_what_is_not_proved_is_refused_with_the_option_that_decides_it(data: bytes) -> None:
    found = refused(data)
    assert "--encoding" in (found.problem.help or "")
    assert (found.location.line, found.location.column) >= (1, 1)


def test_two_readings_that_differ_in_names_are_both_named_and_help_reads_either() -> None:
    data = "Name;Value\nVilém Žůrek;5\nHéric Tŭ;3\n".encode("cp1250", "ignore") + b"\xb9\xbe\xe8;4\n"
    found = refused(data)
    named = re.findall(r"--encoding ([\w-]+)", found.problem.help or "")
    for page in named:
        if page != "NAME":
            assert grid(data, encoding=page).rows == rows(data.decode(page))


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64", "zlib", "idna", "punycode", "", "\0", "unicode_escape"])
def test_an_unknown_encoding_is_named(name: str) -> None:
    found = refused(RUSSIAN.encode("cp1251"), encoding=name)
    assert "no encoding is called" in found.problem.message


@pytest.mark.parametrize(
    ("encoding", "told", "said"),
    [
        ("utf-8", "cp1251", "in UTF-8, as its bytes prove"),
        ("utf-8-sig", "latin-1", "in UTF-8, as its bytes prove"),
        ("utf-16", "utf-8", "in UTF-16, as its bytes prove"),
        ("utf-16-le", "cp1252", "in UTF-16, as its bytes prove"),
        ("cp1251", "utf-8", "is not UTF-8"),
        ("cp1251", "ascii", "is not ascii"),
        ("cp866", "latin-1", "which no table has"),
    ],
)
def test_a_wrong_encoding_is_told_by_the_bytes(encoding: str, told: str, said: str) -> None:
    found = refused(RUSSIAN.encode(encoding), encoding=told)
    assert said in found.problem.message
    assert "leave" in (found.problem.help or "")


@pytest.mark.parametrize("told", ["UTF-8", "utf8", "utf_8_sig", "windows-1252", "ascii", "latin1"])
def test_any_name_of_python_is_accepted(told: str) -> None:
    assert grid(b"stage;count\nA;5\n", encoding=told).rows == [["stage", "count"], ["A", "5"]]


def test_the_byte_that_breaks_a_text_is_placed() -> None:
    found = refused(b"Channel;V;L\nAd\xe9;5;4\n", encoding="utf-8")
    assert "byte 0xe9 at offset 14" in found.problem.message
    assert (found.location.line, found.location.column, found.source) == (2, 3, "Ad")


@pytest.mark.parametrize("text", [text for text, pages in TABLES.values() if len(pages) < 4], ids=len)
@pytest.mark.parametrize("broken", [b"\xd0", b"\xff", b"\xe2\x80", "é".encode("cp1252")])
def test_one_broken_letter_of_utf_8_makes_no_other_encoding_of_it(text: str, broken: bytes) -> None:
    data = text.encode() * 5 + broken + b";1\n"
    found = refused(data)
    assert found.problem.message.endswith("is not UTF-8, as the rest of the file is")
    assert found.location.line == len(text.splitlines()) * 5 + 1


def test_names_that_the_caller_expects_tell_the_page() -> None:
    data = "Kutuş;Beşer\nA;5\n".encode("cp1254")
    assert "--encoding cp1254" in (refused(data).problem.help or "")
    found = read_grid(data, "t.csv", ImportOptions(), ["Kutuş", "Beşer sayısı"])
    assert isinstance(found, Grid)
    assert found.rows[0] == ["Kutuş", "Beşer"]


@settings(max_examples=whole_or_part(300, 120), deadline=None)
@given(
    data=st.binary(max_size=200)
    | st.lists(st.sampled_from([b";", b"\n", b"a", b"\xe9", b"\0", b"\xff\xfe", b"1"])).map(b"".join)
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for options in (ImportOptions(), ImportOptions(encoding="cp1251"), ImportOptions(encoding="utf-16")):
        assert isinstance(read_grid(data, "t.csv", options), Grid | list)


def test_no_sample_of_an_export_is_read_wrong_in_any_code_page() -> None:
    known = [name for recipe in recipes() for column in recipe.columns for name in column.names]
    read, left_open = 0, []
    for path in sorted((ROOT / "tests" / "exports").glob("*/*.[ct]sv")):
        original = read_grid(path.read_bytes(), path.name, ImportOptions(), known)
        assert isinstance(original, Grid)
        text = "".join(original.lines)
        for page in () if text.isascii() else PAGES:
            with suppress(UnicodeEncodeError):
                found = read_grid(text.encode(page), path.name, ImportOptions(), known)
                if isinstance(found, Grid):
                    assert found.rows == original.rows, (path.name, page)
                    read += 1
                else:
                    left_open.append((path.name, page))
    assert read > 20 * len(left_open), left_open
