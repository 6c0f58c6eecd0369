"""The direction of imports, read from the source: data flows one way."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import funnelcli

PACKAGE = Path(funnelcli.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# a layer may import itself and everything below it, nothing above
LAYERS = [
    {"cli"},
    {"rendering", "measuring", "reading"},
    {"explanations"},
    {"linting"},
    {"analyses"},
    {"selectors"},
    {"model", "diagnostics", "currencies", "characters"},
]
BESIDE = {("rendering", "reading"), ("reading", "rendering"), ("reading", "measuring"), ("rendering", "measuring")}
ENTRY = {"__init__", "__main__"}
OWNERS = {
    "yaml": {"reading/yaml_tree.py"},
    "rich": {"rendering/formats/terminal.py", "rendering/diagnostics.py"},
    "jinja2": {"rendering/reports/page.py"},
    "markupsafe": {"rendering/reports/page.py", "rendering/reports/drawing.py"},
    "vl_convert": {"rendering/reports/pictures.py"},
    "xlsxwriter": {"rendering/reports/workbook.py"},
    "typer": {
        "cli/app.py",
        "cli/options.py",
        "cli/parameters.py",
        "cli/bottleneck.py",
        "cli/check.py",
        "cli/measure.py",
        "cli/report.py",
        "cli/compare.py",
        "cli/show.py",
        "cli/explain.py",
        "cli/goal.py",
        "cli/levers.py",
        "cli/init.py",
        "cli/scenario.py",
        "cli/schema.py",
        "cli/forecast.py",
        "cli/simulate.py",
        "cli/chances.py",
        "__main__.py",
    },
}
NEVER = {"click", "numpy", "pandas", "pydantic"}


def layer(name: str) -> int:
    return next(index for index, names in enumerate(LAYERS) if name in names)


def imports(path: Path) -> set[str]:
    """Modules that a file imports anywhere but for type checking."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its direction"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    own = part(path)
    if own in ENTRY:
        return
    for name in imports(path):
        if not name.startswith("funnelcli."):
            continue
        other = name.split(".")[1]
        if not (PACKAGE / other).exists() and not (PACKAGE / f"{other}.py").exists():
            continue
        assert layer(own) <= layer(other), f"{own} must not import {name}"
        assert (own, other) not in BESIDE, f"{own} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_libraries_have_their_place(path: Path) -> None:
    here = path.relative_to(PACKAGE).as_posix()
    for name in imports(path):
        library = name.split(".")[0]
        assert library not in NEVER
        assert here in OWNERS.get(library, {here}), f"{here} must not import {library}"


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) == "analyses"], ids=lambda path: path.name)
def test_analyses_are_pure(path: Path) -> None:
    """No input or output, and nothing of the standard library that does it."""
    allowed = {
        "__future__",
        "random",
        "bisect",
        "array",
        "collections",
        "dataclasses",
        "fractions",
        "functools",
        "itertools",
        "math",
        "operator",
        "re",
        "statistics",
        "typing",
    }
    for name in imports(path):
        library = name.split(".")[0]
        assert library in allowed | {"funnelcli"}, f"{path.name} must not import {name}"


def test_only_needed_modules_are_loaded_for_json() -> None:
    """JSON, CSV and Markdown never load Rich; start-up is most of a short process."""
    import subprocess

    code = (
        "import sys, funnelcli.cli.show\n"
        "from funnelcli.rendering.formats import Canvas, render\n"
        "for name in ('json', 'csv', 'markdown'): render(name, 'show', (), 'conversion', Canvas())\n"
        "heavy = {'rich', 'numpy', 'pydantic', 'statistics', 'markdown_it'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
