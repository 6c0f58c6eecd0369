"""Codes of warnings, as options and defaults name them: `FN306`, or the beginning of several, `FN3xx`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import RETIRED, Problem, Severity, did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable


def codes_of(given: Iterable[str]) -> tuple[str, ...] | Problem:
    """The codes, or their beginnings, of texts with commas between them; only warnings can be chosen."""
    # FN3xx is how the family is written in texts
    parts = (part.strip().upper().rstrip("X") for text in given for part in text.split(","))
    codes = tuple(part for part in parts if part)
    if not codes:
        return codes
    from funnelcli import docs

    warnings = [code for code in docs.codes() if Problem(code, "").severity is Severity.WARNING]
    for code in codes:
        if code in docs.codes() and code not in warnings:
            return Problem(
                "FN120", f"{code} is an error: only warnings can be chosen", "leave it out; an error is always said"
            )
        if code not in RETIRED and not any(known.startswith(code) for known in warnings):
            return Problem("FN120", f"there is no warning {quoted(code)}", did_you_mean(code, warnings))
    return codes
