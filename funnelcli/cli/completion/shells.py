"""Answers to a shell that asks for completions: its line to words, and the words found to text that it can insert.

The scripts of `--show-completion` are Typer's, and so are the variables they set. The answers are our own, because
Typer's are not safe with names of many words: bash gets them without quotes and cut at `@` and `=`, zsh evaluates
them half quoted, and each description loads Rich.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "_FUNNELCLI_COMPLETE"
"""The variable that the scripts set to `complete_bash`, `complete_zsh` and so on."""

_BREAKS = frozenset("@=:><|&;(")
"""Characters at which bash cuts words though no blank stands there: COMP_WORDBREAKS without blanks and quotes."""
_SIDES = ("0", "1", "2", "3")
"""Sides of a merge, between two colons."""
_UNQUOTED = frozenset("_-+=@%,./:^")
"""Characters beside letters and digits that mean nothing to bash inside a word."""
_UNFINISHED = ("=", "@", " ", ":")
"""Ends of words that go on."""


class Word(NamedTuple):
    """A word of a line: its text without quotes, the quote that is still open, and the text before that quote."""

    text: str
    quote: str = ""
    before: str = ""


class Asked(NamedTuple):
    """What the shell wants to know: the words before the cursor's, the cursor's as far as typed, and what it keeps.

    `kept` is the beginning of the word that the shell leaves as it is; it replaces what follows. `quote` is open there.
    """

    words: list[str]
    word: str
    kept: str = ""
    quote: str = ""


class Found(NamedTuple):
    """A completion: the whole word, and what it means where that is known."""

    word: str
    help: str = ""


def answer(group: Any) -> int:
    """Print what may follow on the line that the shell passes in the environment; return the exit code.

    Nothing is ever said on stderr, and what cannot be completed has no completions: a message would land in the
    middle of the line that is being typed.
    """
    shell = _SHELLS.get(os.environ[VARIABLE].removeprefix("complete_"))
    if shell is None:
        return 1
    ask, write = shell
    noise = io.StringIO()
    try:
        with redirect_stdout(noise), redirect_stderr(noise):
            asked = ask()
            text, code = write(_find(group, asked), asked)
    except Exception:  # a defect here must not spoil the line; it shows when the command is run
        return 1
    sys.stdout.write(text)
    return code


def _find(group: Any, asked: Asked) -> list[Found]:
    """Completions of the cursor's word, whole words; `--option=value` is taken apart first."""
    words, word, option = asked.words[1:], asked.word, ""
    if word.startswith("--") and "=" in word:
        option, _, word = word.partition("=")
        words = [*words, option]
        option += "="
    return [Found(option + item.value, item.help or "") for item in _items(group, words, word)]


def _items(group: Any, words: list[str], word: str) -> list[Any]:
    """What Typer's own parameters and commands offer for a word."""
    context = group.make_context("funnelcli", [], resilient_parsing=True)
    name = next((each for each in words if not each.startswith("-")), None)
    command = None if name is None else group.get_command(context, name)
    if name is None:
        return list(group.shell_complete(context, word))
    if command is None:
        return []
    arguments = words[words.index(name) + 1 :]
    options_end = "--" in arguments
    waiting = None
    for parameter in command.params:
        named = parameter.param_type_name == "option" and not parameter.is_flag
        if named and arguments and not options_end and arguments[-1] in parameter.opts:
            waiting = parameter
            del arguments[-1]  # an option without its value would end the reading of the line
    context = command.make_context(name, list(arguments), parent=context, resilient_parsing=True)
    if waiting is not None:
        return list(waiting.shell_complete(context, word))
    if word.startswith("-") and not options_end:
        return list(command.shell_complete(context, word))
    for parameter in command.params:
        open_to_more = parameter.nargs == -1 or not context.params.get(parameter.name)
        if parameter.param_type_name == "argument" and open_to_more:
            return list(parameter.shell_complete(context, word))
    return []


def split(line: str) -> list[Word]:
    """Words of a shell line, without quotes and backslashes; the last is the unfinished one, empty after a blank."""
    words: list[Word] = []
    text, quote, before, inside = "", "", "", False
    characters = iter(line)
    for character in characters:
        if character == "\\" and quote != "'":
            following = next(characters, "")
            text += following if not quote or following in '"\\$`' else "\\" + following
            inside = True
        elif quote:
            text, quote = (text, "") if character == quote else (text + character, quote)
        elif character in "'\"":
            quote, before, inside = character, text, True
        elif character.isspace():
            if inside:
                words.append(Word(text))
            text, inside = "", False
        else:
            text, inside = text + character, True
    return [*words, Word(text, quote, before if quote else "")]


def _asked_by_bash() -> Asked:
    """The line of bash, which cuts words at `@` and `=` and replaces only the last piece."""
    last_piece = int(os.environ["COMP_CWORD"])
    pieces = [*os.environ["COMP_WORDS"].split("\n"), ""][: last_piece + 1]
    words: list[list[str]] = []
    glued = False
    for piece in pieces:
        is_break = bool(piece) and _BREAKS.issuperset(piece)
        if words and ((is_break and not _begins(piece, words)) or (glued and piece)):
            words[-1].append(piece)
        else:
            words.append([piece])
        glued = is_break
    *done, last = (split("".join(each))[-1] for each in words)
    kept = last.before
    if not last.quote:
        kept = last.text if glued else split("".join(words[-1][:-1]))[-1].text
    return Asked([word.text for word in done], last.text, kept, last.quote)


def _begins(piece: str, words: list[list[str]]) -> bool:
    """Whether signs at which bash cuts begin a word, as in `show :shop.yaml` and `diff @:shop.yaml`; it does not say.

    They do behind what no such sign goes on: the name of the command, an option, a file, a path behind a revision, and
    another sign, since two without a blank between them are one piece.
    """
    last = words[-1]
    before = last[-1]
    if piece[0] not in ":@":
        return False
    if _BREAKS.issuperset(before):
        return True
    if len(last) == 1:
        return len(words) == 2 or before.startswith("-") or os.path.isfile(before)
    has_path = ":" in last and "@" not in last
    return has_path and not (last[0] == ":" and before in _SIDES)


def _asked_by_line() -> Asked:
    """The line up to the cursor, as zsh and fish pass it."""
    *done, last = split(os.environ["_TYPER_COMPLETE_ARGS"])
    return Asked([word.text for word in done], last.text)


def _asked_by_powershell() -> Asked:
    """The whole line of PowerShell and, beside it, the cursor's word."""
    line = os.environ["_TYPER_COMPLETE_ARGS"]
    typed = os.environ.get("_TYPER_COMPLETE_WORD_TO_COMPLETE", "")
    words = [word.text for word in split(line)]
    return Asked([word for word in words[:-1] if word] if typed or not words[-1] else words, split(typed)[-1].text)


def _for_bash(found: list[Found], asked: Asked) -> tuple[str, int]:
    """One line each: what replaces the last piece, quoted as the place needs it."""
    escape = _ESCAPES[asked.quote]
    rests = (each.word[len(asked.kept) :] for each in found)
    return "".join(f"{escape(rest)}\n" for rest in rests), 0


def _escaped(text: str) -> str:
    return "".join(char if char.isalnum() or char in _UNQUOTED or not char.isascii() else f"\\{char}" for char in text)


_ESCAPES: dict[str, Callable[[str], str]] = {
    "": _escaped,
    "'": lambda text: text.replace("'", "'\\''"),
    '"': lambda text: "".join(f"\\{char}" if char in '"\\$`' else char for char in text),
}
"""Text as bash reads it outside quotes and inside each kind."""


def _for_zsh(found: list[Found], asked: Asked) -> tuple[str, int]:
    """Code that the script evaluates: each text is spelled so that nothing in it can be code."""
    if not found:
        return "_files\n", 0
    items = " ".join(_spelled(_described(each)) for each in found)
    no_blank = " -S ''" if any(each.word.endswith(_UNFINISHED) for each in found) else ""
    return f"local -a found; found=({items}); _describe -V value found{no_blank}\n", 0


def _described(found: Found) -> str:
    """`word:help` as `_describe` reads it."""
    word = found.word.replace("\\", "\\\\").replace(":", "\\:")
    return f"{word}:{found.help}" if found.help else word


def _spelled(text: str) -> str:
    """Text as zsh reads it back, with every character but letters and digits as an escape."""
    return (
        "$'" + "".join(char if char.isalnum() or not char.isascii() else f"\\x{ord(char):02x}" for char in text) + "'"
    )


def _for_fish(found: list[Found], asked: Asked) -> tuple[str, int]:
    """One line each with its help behind a tab; asked whether there are any, only an exit code."""
    if os.environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return "", 0 if found else 1
    return "".join(f"{each.word}\t{each.help}\n" if each.help else f"{each.word}\n" for each in found), 0


def _for_powershell(found: list[Found], asked: Asked) -> tuple[str, int]:
    """One line each with its help behind three colons."""
    lines = (f"{_quoted(each.word)}:::{each.help or ' '}\n" for each in found)
    return "".join(lines), 0


def _quoted(text: str) -> str:
    """Text as PowerShell reads it back."""
    plain = all(char.isalnum() or char in "_-+=./:\\" for char in text)
    return text if plain else "'" + text.replace("'", "''") + "'"


_SHELLS: dict[str, tuple[Callable[[], Asked], Callable[[list[Found], Asked], tuple[str, int]]]] = {
    "bash": (_asked_by_bash, _for_bash),
    "zsh": (_asked_by_line, _for_zsh),
    "fish": (_asked_by_line, _for_fish),
    "powershell": (_asked_by_powershell, _for_powershell),
    "pwsh": (_asked_by_powershell, _for_powershell),
}
"""How each shell asks, and how it is answered."""
