"""What is said of rates that vary from period to period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.variation import PERIODS, is_found
from funnelcli.output.document import Note
from funnelcli.output.numbers import text, visible

if TYPE_CHECKING:
    from funnelcli.analyses.variation import Variation


def note(variation: Variation, where: str = "tests and intervals") -> Note:
    """Whether the figures allow for it, by how much, and where that comes from; `where` names the figures."""
    if variation.basis == "constant":
        return Note(
            f"Rates are taken as constant from period to period: {PERIODS} periods, or variation: in the file, would"
            " tell how much they vary anyway."
        )
    known = variation.found
    if variation.basis == "stated":
        by = text(known[0], "brief_rate") if known else "as much"
        return Note(f"From period to period each rate varies by {by}, as the file states it; {where} allow for it.")
    of = "" if variation.dimension == "period" else f" of {visible(variation.dimension or '')}"
    told = f"{variation.periods:,} periods{of}"
    overall = (variation.overall or 0.0) if is_found(variation.overall_p_value_holm) else 0.0
    most = max(overall, *known, 0.0)
    if not most:
        if variation.overall_p_value_holm is None and not any(each is not None for each in variation.p_values_holm):
            return Note(f"Whether rates vary from period to period is not told: {told} have too small counts.")
        wider = (
            f"; {where} allow for what they may vary all the same" if variation.overall or any(variation.steps) else ""
        )
        return Note(f"From period to period rates vary no more than chance would have them, as {told} tell{wider}.")
    of = "the overall conversion varies by" if overall else "a step's rate varies by up to"
    return Note(
        f"From period to period {of} {text(overall or most, 'brief_rate')}, as {told} tell; {where} allow for it."
    )
