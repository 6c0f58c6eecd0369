"""Files that are made to be slow or large: each a function from a size in bytes to a file of about that size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND = "stages: {Visits: 100, Sales: 50}\n"


def _repeated(head: str, item: str, tail: str = "") -> Callable[[int], bytes]:
    """A file of many items; `{n}` in an item is its number."""

    def build(size: int) -> bytes:
        width = len(item.replace("{n}", f"{size:06d}"))
        many = (item.replace("{n}", f"{number:06d}") for number in range(max(1, (size - len(head)) // width)))
        return (head + "".join(many) + tail).encode()

    return build


def _two_lists(head: str, first: str, between: str, second: str, tail: str = "") -> Callable[[int], bytes]:
    """A file with two lists of items, of half the size each: for work that is their product."""

    def build(size: int) -> bytes:
        return _repeated(head, first)(size // 2) + _repeated(between, second, tail)(size // 2)

    return build


_STAGE_PER_LINE = "  s{n}: 1\n"
FILES: dict[str, Callable[[int], bytes]] = {
    # syntax
    "opening brackets": lambda size: b"[" * size,
    "opening braces": lambda size: b"{" * size,
    "nested mappings in blocks": lambda size: b"".join(
        b" " * level + b"a:\n" for level in range(int((2 * size) ** 0.5))
    ),
    "dashes in a line": lambda size: b"- " * (size // 2),
    "question marks": lambda size: b"? " * (size // 2),
    "one long line": lambda size: b"name: " + b"x" * size + b"\n" + SOUND.encode(),
    "one long quoted text": lambda size: b'name: "' + b"x" * size + b'"\n' + SOUND.encode(),
    "one long open quote": lambda size: b'name: "' + b"x " * (size // 2),
    "one long comment": lambda size: b"# " + b"x" * size + b"\n" + SOUND.encode(),
    "one long number": lambda size: b"stages: {a: " + b"9" * size + b", b: 1}\n",
    "one long key": lambda size: b'? "' + b"k" * size + b'"\n: 1\n' + SOUND.encode(),
    "a long key above many": lambda size: _repeated(
        f'breakdowns:\n  ? "{"k" * (size // 2)}"\n  :\n', "    s{n}: [1, 2]\n", SOUND
    )(size),
    "spaces": lambda size: b" " * size,
    "line ends": lambda size: b"\n" * size + SOUND.encode(),
    "carriage returns": lambda size: b"\r" * size + SOUND.encode(),
    "tabs": lambda size: b"\t" * size,
    "a tab on each line": _repeated("stages:\n", "\ts{n}: 1\n"),
    "tabs between entries of one line": _repeated("stages: {", "s{n}: 1,\t", "}\n"),
    "tabs between items of one line": _repeated(SOUND + "checks: [", "a{n},\t", "]\n"),
    "broken documents": _repeated("", "---\n[\n"),
    "broken documents far apart": _repeated("", "---\n]\n" + "\n" * 200),
    "empty documents": _repeated("", "---\n"),
    "sound documents": _repeated("", "---\n" + SOUND),
    "wrong documents": _repeated("", "---\nstages: {a: 1, b: 2}\n"),
    "anchors": _repeated("x:\n", "  - &a{n} 1\n", SOUND),
    "aliases": _repeated("x: [&a 1,", "*a,", "]\n" + SOUND),
    "aliases without anchors": _repeated("x: [", "*a{n},", "]\n" + SOUND),
    "anchors around anchors": _repeated("x:\n", "  - &a{n} [&b{n} [&c{n} [1]]]\n", SOUND),
    "aliases of aliases": lambda size: (
        "x0: &x0 [1,1]\n" + "".join(f"x{n}: &x{n} [*x{n - 1},*x{n - 1}]\n" for n in range(1, size // 26)) + SOUND
    ).encode(),
    "merge keys": _repeated("a: &a {b: 1}\nc:\n", "  - <<: *a\n", SOUND),
    "tags": _repeated("x:\n", "  - !!str a{n}\n", SOUND),
    "directives": _repeated("", "%FOO {n}\n", "---\n" + SOUND),
    "escapes": lambda size: b'name: "' + b"\\u0041" * (size // 6) + b'"\n' + SOUND.encode(),
    "folded lines": _repeated("description: >\n", "  word {n}\n", SOUND),
    # keys and names
    "unknown keys": _repeated(SOUND, "stagse{n}: 1\n"),
    "the same key": _repeated(SOUND, "name: a\n"),
    "keys that are numbers": _repeated(SOUND, "1{n}: a\n"),
    "keys that are lists": _repeated(SOUND, "? [1]\n: a\n"),
    "unknown keys of stages": _repeated("stages:\n", "- {name: s{n}, count: 1, conut: 2}\n"),
    # stages
    "stages in a mapping": _repeated("stages:\n", _STAGE_PER_LINE),
    "stages in a list": _repeated("stages:\n", "- {name: s{n}, count: 1}\n"),
    "stages of three zeros": _repeated("stages:\n", "  s{n}: 1.000\n"),
    "stages from the first": _repeated("stages:\n- {name: a, count: 1}\n", "- {name: s{n}, count: 1, from: a}\n"),
    "stages from an unknown one": _repeated("stages:\n- {name: a, count: 1}\n", "- {name: s{n}, count: 1, from: B}\n"),
    "stages from the first in capitals": _repeated(
        "stages:\n- {name: first, count: 1}\n", "- {name: s{n}, count: 1, from: FIRST}\n"
    ),
    "stages of the same name": _repeated("stages:\n", "- {name: s, count: 1}\n"),
    "stages that grow": _repeated("stages: {a: 1}\nstages:\n", "- {name: s{n}, count: 1{n}}\n"),
    "stages without counts": _repeated("stages:\n", "- {name: s{n}}\n"),
    "stages with money": _repeated("stages:\n", "- {name: s{n}, count: 1, average_check: 9, cost: 1}\n"),
    "stages by conversion": _repeated("stages:\n- {name: a, count: 1}\n", "- {name: s{n}, conversion: 1/3}\n"),
    "stages by long conversion": _repeated(
        "stages:\n- {name: a, count: 1}\n", "- {name: s{n}, conversion: 1234567890{n}1/9876543211{n}7}\n"
    ),
    "branches by conversion": _repeated(
        "stages:\n- {name: a, count: 1}\n",
        "- {name: s{n}, from: a, average_check: 1, conversion: 1234567890{n}1/9876543211{n}7}\n",
    ),
    "targets": _repeated("stages:\n- {name: a, count: 1}\n", "- {name: s{n}, count: 1, target: 99%}\n"),
    # breakdowns
    "segments": _repeated(SOUND + "breakdowns:\n  c:\n", "    s{n}: [1, 1]\n"),
    "dimensions": _repeated(SOUND + "breakdowns:\n", "    d{n}: {a: [1, 1]}\n"),
    "segments of too few counts": _repeated(SOUND + "breakdowns:\n  c:\n", "    s{n}: [1]\n"),
    "segments of unknown stages": _repeated(
        SOUND + "breakdowns:\n  c:\n", "    s{n}: {counts: {Vistis: 1, Sales: 1}}\n"
    ),
    "counts by name": lambda size: (
        _repeated("stages:\n", _STAGE_PER_LINE)(size // 2)
        + _repeated("breakdowns:\n c:\n  a:\n   counts:\n", "     s{n}: 1\n")(size // 2 + size // 20)
    ),
    "counts by name in capitals": lambda size: (
        _repeated("stages:\n", _STAGE_PER_LINE)(size // 2)
        + _repeated("breakdowns:\n c:\n  a:\n   counts:\n", "     S{n}: 1\n")(size // 2)
    ),
    "short segments of many stages": _two_lists("stages:\n", _STAGE_PER_LINE, "breakdowns:\n c:\n", "    s{n}: [1]\n"),
    # scenarios
    "scenarios": _repeated(SOUND + "scenarios:\n", "  s{n}: {entries: x2}\n"),
    "scenarios that change nothing": _repeated(SOUND + "scenarios:\n", "  s{n}: {entries: x1}\n"),
    "scenarios that cannot be": _repeated(SOUND + "scenarios:\n", "  s{n}: {conversion@Sales: x3}\n"),
    "scenarios of unknown stages": _repeated(SOUND + "scenarios:\n", "  s{n}: {conversion@Slaes: x3}\n"),
    "scenarios of unknown metrics": _repeated(SOUND + "scenarios:\n", "  s{n}: {convresion@Sales: x3}\n"),
    "changes": lambda size: (
        _repeated("stages:\n", _STAGE_PER_LINE)(size // 2)
        + _repeated("scenarios:\n a:\n", "    count@s{n}: x1\n")(size // 2)
    ),
    "changes of long conversions": lambda size: (
        _repeated("stages:\n", _STAGE_PER_LINE)(size // 5)
        + _repeated("scenarios:\n a:\n", "    conversion@s{n}: 12345678901/987654{n}37\n")(size // 5 * 4).replace(
            b"    conversion@s000000: 12345678901/98765400000037\n", b""
        )
    ),
    # checks
    "checks": _repeated(SOUND + "checks:\n", "- conversion@Sales >= 45.{n}%\n"),
    "checks with a confidence": _repeated(SOUND + "checks:\n", "- conversion@Sales >= 45% with 9{n}e-7 confidence\n"),
    "checks that are none": _repeated(SOUND + "checks:\n", "- conversion of sales {n}\n"),
    "checks of unknown metrics": _repeated(SOUND + "checks:\n", "- convresion@Sales >= 45%\n"),
    "checks of unknown stages": _repeated(SOUND + "checks:\n", "- conversion@Slaes >= 45%\n"),
    "checks of unknown stages of many": _two_lists(
        "stages:\n", _STAGE_PER_LINE, "checks:\n", "- conversion@Q{n} >= 45%\n"
    ),
    "checks of many stages": _two_lists("stages:\n", _STAGE_PER_LINE, "checks:\n", "- count@s000009 >= {n}\n"),
    "checks of many stages in capitals": _two_lists(
        "stages:\n", _STAGE_PER_LINE, "checks:\n", "- count@S000009 >= {n}\n"
    ),
    "checks of revenue of many stages": _two_lists(
        "stages:\n", "- {name: s{n}, count: 1, average_check: 2}\n", "checks:\n", "- revenue >= {n}\n"
    ),
    "checks of losses of many stages": _two_lists(
        "stages:\n", _STAGE_PER_LINE, "checks:\n", "- loss_share@s000009 >= 1.{n}%\n"
    ),
    "checks of spaces": lambda size: (SOUND + "checks:\n" + f"- a{' ' * 980}=\n" * (size // 990)).encode(),
    # comments
    "ignore comments": _repeated(SOUND, "# funnelcli: ignore[FN305]\n"),
    "ignore comments of unknown codes": _repeated(SOUND, "# funnelcli: ignore[FN3{n}]\n"),
    "ignore comments with many codes": _repeated(SOUND + "# funnelcli: ignore[", "FN305,", "]\n"),
    "ignore comments that are none": _repeated(SOUND, "# funnelcli: ingore\n"),
    "ignore comments in one line": _repeated(SOUND, "# funnelcli: ignore[FN305] "),
    "ignored warnings": _repeated("stages:\n", "  s{n}: 1 # funnelcli: ignore[FN305]\n"),
    "texts with a hash and ignore comments": _repeated("stages:\n", '  "s # {n}": 1 # funnelcli: ignore[FN305]\n'),
    # measure
    "conditions": _repeated("stages:\n- {name: a, count: 1}\n- name: b\n  count: 1\n  when:\n", "    c{n}: [1, a]\n"),
    "excluded": _repeated(SOUND + "measure:\n  exclude:\n", "  - {a: {n}x}\n"),
}
"""What is made large, and how."""
