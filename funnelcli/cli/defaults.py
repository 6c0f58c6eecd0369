"""Settings as they were read from a file: what it sets, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.diagnostics import Diagnostic

PROJECT = "pyproject.toml"


class Default(NamedTuple):
    """The value of a setting, as text that its option takes (several of `ignore`), and the line where it stands."""

    texts: tuple[str, ...]
    line: int


class Settings(NamedTuple):
    """What a file sets, or what is wrong with it; `file` is its path as messages name it."""

    file: str | None = None
    values: Mapping[str, Default] = {}
    found: tuple[Diagnostic, ...] = ()

    @property
    def currency(self) -> str | None:
        """The currency of funnels that have none."""
        return self.values["currency"].texts[0] if "currency" in self.values else None

    @property
    def ignore(self) -> tuple[str, ...]:
        """The beginnings of the codes of warnings that are not said."""
        return self.values["ignore"].texts if "ignore" in self.values else ()

    def hides(self, diagnostic: Diagnostic) -> bool:
        """Whether it is a warning that is not to be said; an error always is."""
        return diagnostic.severity.value == "warning" and diagnostic.problem.code.startswith(self.ignore)

    def says(self, name: str, value: object) -> bool:
        """Whether a setting has this value."""
        return name in self.values and self.values[name].texts == (value,)
