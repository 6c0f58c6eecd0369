"""What an ordinary Typer program for the same table looks like; the baseline of `startup.py`."""

from itertools import pairwise
from pathlib import Path

import typer
import yaml
from rich.console import Console
from rich.table import Table

app = typer.Typer()


@app.command()
def show(file: Path) -> None:
    """Show the conversion table of a funnel."""
    funnel = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    stages = funnel["stages"]
    entries = stages[0]["count"]
    losses = entries - stages[-1]["count"]
    table = Table(title=funnel["name"])
    table.add_column("Stage")
    for header in ("Count", "Conversion", "95% interval", "Overall", "1:N", "Drop-off", "% of losses"):
        table.add_column(header, justify="right")
    table.add_row(stages[0]["name"], f"{entries:,}", "", "", "100.0%", "1:1", "", "")
    for before, stage in pairwise(stages):
        count, trials = stage["count"], before["count"]
        low, high = wilson(count, trials)
        table.add_row(
            stage["name"],
            f"{count:,}",
            f"{count / trials:.2%}",
            f"{low:.2%}-{high:.2%}",
            f"{count / entries:.3%}",
            f"1:{entries / count:,.0f}",
            f"{trials - count:,}",
            f"{(trials - count) / losses:.1%}",
        )
    Console().print(table)


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a rate."""
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    margin = z * ((rate * (1 - rate) + z * z / (4 * trials)) / trials) ** 0.5
    scale = 1 + z * z / trials
    return (middle - margin) / scale, (middle + margin) / scale


if __name__ == "__main__":
    app()
