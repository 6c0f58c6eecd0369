"""The direction of imports, read from the source: data flows one way."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import funnelcli

PACKAGE = Path(funnelcli.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# a layer may import itself and everything below it, nothing above
LAYERS = [
    {"cli"},
    {"output", "events", "counts_table", "funnel_file"},
    {"docs"},
    {"lint"},
    {"analyses"},
    {"stats"},
    {"metrics"},
    {"average_checks", "model", "segments", "what_if", "diagnostics", "currencies", "characters", "patterns"},
    {"measure"},
    {"exact"},
]
DOORS = {"output", "events", "counts_table", "funnel_file"}
"""Rooms beside each other: what one has, another gets from `cli`, but for the numbers and names of a funnel file."""
BESIDE = {(one, other) for one in DOORS for other in DOORS - {one, "funnel_file"}} | {("output", "funnel_file")}
ENTRY = {"__init__", "__main__"}
OWNERS = {
    "yaml": {"funnel_file/yaml/tree.py", "funnel_file/yaml/loaders.py"},
    "ruamel": {"funnel_file/rewrite.py", "funnel_file/rewrite_nodes.py", "funnel_file/rewrite_imported.py"},
    "duckdb": {"events/duckdb"},
    "ibis": {
        f"events/warehouse/{part}.py"
        for part in (
            "conditions",
            "connections",
            "dates",
            "engine",
            "events",
            "ibis_private",
            "nested",
            "pushed",
            "values",
        )
    }
    | {"events/script/writer.py"},
    "sqlglot": {
        "events/warehouse/conditions.py",
        "events/warehouse/connections.py",
        "events/warehouse/engine.py",
        "events/script/trees.py",
        "events/script/writer.py",
    },
    "fsspec": {"events/remote.py"},
    "pyspark": {"events/warehouse/connections.py"},
    "pymysql": {"events/warehouse/connections.py"},
    "rich": {"output/text_width.py", "output/manual.py", "output/roff.py"},
    "jinja2": {"output/report/page.py"},
    "markupsafe": {"output/report/page.py", "output/report/drawing.py"},
    "vl_convert": {"output/report/pictures.py"},
    "xlsxwriter": {"output/report/workbook.py"},
    "python_calamine": {"counts_table/workbook.py"},
    "typer": {"cli", "__main__.py"},
}
"""Libraries, and the files or folders that may import them."""
NEVER = {"click", "numpy", "pandas", "pydantic"}


def layer(name: str) -> int:
    return next(index for index, names in enumerate(LAYERS) if name in names)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
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
            if not isinstance(child, ast.expr):  # in which nothing is imported
                visit(child)

    visit(parsed(path))
    return frozenset(found)


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_no_file_is_imported_by_what_it_imports() -> None:
    files = {dotted(path) for path in MODULES}
    graph = {dotted(path): (imports(path) & files) - {dotted(path)} for path in MODULES}
    for found in graph.values():  # of a package and its module, both named by one line, the module is meant
        found -= {package for package in found if any(name.startswith(f"{package}.") for name in found)}
    TopologicalSorter(graph).prepare()


def test_a_word_has_one_meaning() -> None:
    """No two classes, and no class and alias, of one name."""
    found: Counter[str] = Counter()
    for path in MODULES:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] += 1
            elif isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.dump(node.annotation):
                found[ast.unparse(node.target)] += 1
    assert {name: times for name, times in found.items() if times > 1} == {}


def test_imports_point_down() -> None:
    found = []
    for path in MODULES:
        own = part(path)
        others = {tuple(name.split(".")[1:2]) for name in imports(path) if name.startswith("funnelcli.")}
        for (other,) in others if own not in ENTRY else ():
            known = (PACKAGE / other).exists() or (PACKAGE / f"{other}.py").exists()
            if known and (layer(own) > layer(other) or (own, other) in BESIDE):
                found.append(f"{dotted(path)} must not import {other}")
    assert found == []


def test_libraries_have_their_place() -> None:
    found = []
    for path in MODULES:
        here = path.relative_to(PACKAGE).as_posix()
        for library in {name.split(".")[0] for name in imports(path)}:
            owners = OWNERS.get(library, {here})
            if library in NEVER or not any(here == owner or here.startswith(f"{owner}/") for owner in owners):
                found.append(f"{here} must not import {library}")
    assert found == []


PURE = {
    "__future__",
    "random",
    "bisect",
    "array",
    "collections",
    "dataclasses",
    "difflib",
    "fractions",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "statistics",
    "typing",
}


def test_analyses_and_statistics_are_pure() -> None:
    """No input or output, and nothing of the standard library that does it."""
    pure = [path for path in MODULES if part(path) in {"analyses", "stats"}]
    assert len(pure) > 50
    found = {(path.name, name.split(".")[0]) for path in pure for name in imports(path)}
    assert [(path, library) for path, library in found if library not in PURE | {"funnelcli"}] == []


def test_only_needed_modules_are_loaded_for_json() -> None:
    """JSON, CSV and Markdown never load Rich; start-up is most of a short process."""
    import subprocess

    code = (
        "import sys, funnelcli.cli.commands.show\n"
        "from funnelcli.output.formats import Canvas, render\n"
        "for name in ('json', 'csv', 'markdown'): render(name, 'show', (), 'conversion', Canvas())\n"
        "heavy = {'rich', 'numpy', 'pydantic', 'statistics', 'markdown_it'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
