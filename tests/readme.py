"""README's examples and key tables, as they are and as they should be; run as a program, it brings them up to date."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from funnelcli.funnel_file import schema
from funnelcli.metrics import METRICS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WRITTEN = re.compile(r" -o (\S+)")
_METRICS = re.compile(r"(?<=^<!-- metrics -->\n).*?(?=^<!-- /metrics -->$)", re.MULTILINE | re.DOTALL)
_KEYS = re.compile(r"(?<=^<!-- keys -->\n).*?(?=^<!-- /keys -->$)", re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def answered(block: str) -> str:
    """A console block with what its commands really print; the files that they write do not stay."""
    made = [ROOT / name for command in commands(block) for name in _WRITTEN.findall(command)]
    assert not any(path.exists() for path in made), f"{made} must not be overwritten"
    try:
        return "".join(f"$ {command}\n{_printed(command)}" for command in commands(block))
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _printed(command: str) -> str:
    program = command.replace("funnelcli ", f"'{sys.executable}' -m funnelcli ")
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "PYTHONIOENCODING")}
    result = subprocess.run(
        ["sh", "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return result.stdout


def console_blocks(text: str) -> list[str]:
    """Console blocks of the README, without their fences."""
    return _CONSOLE.findall(text)


def python_blocks(text: str) -> list[str]:
    """Python blocks of the README."""
    return _PYTHON.findall(text)


def yaml_blocks(text: str) -> list[str]:
    """YAML blocks of the README."""
    return _YAML.findall(text)


def keys(text: str) -> str:
    """What stands between the marks of the key tables."""
    found = _KEYS.search(text)
    assert found, "README has no key tables"
    return found[0]


def key_tables() -> str:
    """The key tables as `fields` has them."""
    tables = []
    for title, table in (
        ("Keys of a funnel", schema.FUNNEL),
        ("Keys of a stage", schema.STAGE),
        ("Keys of a segment of `breakdowns`, when it is more than its counts", schema.SEGMENT),
        ("Keys of `average_check`, when its spread is known", schema.SPREAD),
        ("Keys of `days` and `days_lost`, when they are quantiles", schema.QUANTILES),
        ("Keys of `close_chance`, when it is known only so well", schema.CHANCE),
        ("Keys of `referral`", schema.REFERRAL),
        ("Keys of `measure`", schema.MEASURE),
    ):
        rows = "".join(
            f"| `{key}` | {value} | {meaning} | `{example}` |\n" for key, _, value, meaning, example in table
        )
        tables.append(f"**{title}**\n\n| key | value | meaning | example |\n|---|---|---|---|\n{rows}\n")
    return "\n" + "".join(tables)


def metrics(text: str) -> str:
    """What stands between the marks of the table of metrics."""
    found = _METRICS.search(text)
    assert found, "README has no table of metrics"
    return found[0]


def metrics_table() -> str:
    """Figures that can be named, as `metrics` has them."""
    places = {"funnel": "{0}", "stage": "{0}@Stage", "either": "{0}`, `{0}@Stage"}
    rows = "".join(
        f"| `{places[metric.at].format(metric.name)}` | {metric.kind} | {metric.meaning} | {yes(metric.changeable)} "
        f"| {yes(metric.is_goal)} |\n"
        for metric in METRICS.values()
    )
    return f"\n| figure | kind | meaning | can be changed | can be a goal |\n|---|---|---|---|---|\n{rows}\n"


def yes(answer: bool) -> str:
    return "yes" if answer else ""


def updated(text: str) -> str:
    """The README with its tables and the output of its examples as they are now."""
    text = _KEYS.sub(lambda _: key_tables(), text)
    text = _METRICS.sub(lambda _: metrics_table(), text)
    return _CONSOLE.sub(lambda found: f"```console\n{answered(found[1])}```", text)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
