"""What `show --full` says of a funnel: every column, the verdict in a sentence, the money, and what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.output.views import conversion
from funnelcli.output.views.bottleneck_words import short
from funnelcli.output.views.summary import totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.summary import ShownFunnel
    from funnelcli.output.document import Block


def blocks(summary: ShownFunnel) -> Iterator[Block]:
    """The table with every column, which step holds the funnel back, and what stands below it."""
    yield conversion.every_column(summary.conversion)
    yield from short(summary.verdict)
    yield totals(summary)
    yield from conversion.remarks(summary.conversion)
