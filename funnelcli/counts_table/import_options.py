"""What a person says of an export beside its bytes: the options of `import`, one record from the door to the cells."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from funnelcli.counts_table.recipes import Recipe


class ToldColumn(NamedTuple):
    """An option that names a column, what it says the column is (a kind of `recipe_keys.KINDS`), and the name."""

    option: str
    kind: str
    name: str


class ImportOptions(NamedTuple):
    """What the caller says of an export, where it does not say so itself.

    `stages` are told in order, `known` are those of the funnel that is filled, `pipelines` the names of all funnels of
    its file with the stages of each. `won` and `lost` are stages, or words of a status, that say so here. `recipe` is
    the name of one, `own` one of the caller's. `between` are two moments of ISO 8601, of which the second is excluded;
    `date_order` is `dmy` or `mdy`, `decimal` the mark `.` or `,`. Empty cells, and pairs that a long table leaves out,
    are refused unless `empty_as_zero`. `layout` is `wide` or `long`. `counts`, `steps`, `drops`, `labels`, `revenue`
    and `budget` are names of columns. `encoding` is the name of a Python codec, `sheet` the name of a workbook's sheet
    or its number from 1; `skip_lines` are left out at the start.
    `today` is that of the machine where it is not told.
    """

    stages: tuple[str, ...] = ()
    known: tuple[str, ...] | None = None
    pipelines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    pipeline: str | None = None
    recipe: str | None = None
    own: Recipe | None = None
    between: tuple[str, ...] = ()
    date_order: str | None = None
    currency: str | None = None
    decimal: str | None = None
    empty_as_zero: bool = False
    layout: str | None = None
    counts: tuple[str, ...] = ()
    steps: str | None = None
    drops: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    revenue: str | None = None
    budget: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    skip_lines: int = 0
    today: date | None = None

    @property
    def tomorrow(self) -> int:
        """The day after today, in days since 1970: it has begun where clocks are ahead, and later ones are to come."""
        return ((self.today or date.today()) - date(1970, 1, 1)).days + 1

    @property
    def named_stages(self) -> tuple[str, ...]:
        """The stages in order, of the funnel that is filled or as told; empty where the export is to tell."""
        return self.known or self.stages

    def stages_of(self, pipeline: str) -> tuple[str, ...]:
        """The stages in order of the deals of a pipeline, as `named_stages`."""
        at = find_name(pipeline, [name for name, _ in self.pipelines])
        return self.named_stages if at is None else self.pipelines[at][1]

    @property
    def told_pipelines(self) -> tuple[str, ...]:
        """The pipelines that are asked for: the one that is named, or those of several funnels that are filled."""
        if self.pipeline is not None:
            return (self.pipeline,)
        return tuple(name for name, _ in self.pipelines)

    @property
    def told_columns(self) -> tuple[ToldColumn, ...]:
        """The columns that options name; a label that is named twice is one."""
        told = (
            ("--drop", "drop", self.drops),
            ("--label", "label", {fold(name): name for name in self.labels}.values()),
            ("--steps", "steps", (self.steps,)),
            ("--revenue", "revenue", (self.revenue,)),
            ("--budget", "spend", (self.budget,)),
            ("--count", "count", self.counts),
        )
        return tuple(ToldColumn(option, kind, name) for option, kind, names in told for name in names if name)
