"""What `check` found, and the registry of its formats: name to the module that renders it."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.diagnostics import Diagnostic, Severity
from funnelcli.output.formats import Canvas, Format

if TYPE_CHECKING:
    from funnelcli.analyses.checks import CheckResult


class Summary(NamedTuple):
    """Numbers of what was read and found; the fields are keys of JSON. Undecided checks neither passed nor failed.

    Of the errors, so many are `fixable` with safe fixes, and others with those that are not.
    """

    files: int
    funnels: int
    errors: int
    warnings: int
    checks: int
    checks_failed: int
    checks_undecided: int
    fixable: int
    fixable_unsafe: int


class CheckReport(NamedTuple):
    """A whole run: how many files and funnels were read, what is wrong with them, and how their checks came out.

    `diagnostics` are sorted by place and hold the checks that have not passed as well (FN4xx). `folder` is the working
    directory and `root` the top of the repository, as absolute paths: the formats for programs name files from the
    root. `real_names` are those of files that lie there by way of links, `revisions` those of files as git has them,
    where no finding can be shown; `is_ci` says that a code host named the root. So many errors are of `misunderstood`
    options, and are said apart.
    """

    files: tuple[str, ...]
    funnels: int
    diagnostics: tuple[Diagnostic, ...]
    checks: tuple["CheckResult", ...]
    folder: str = ""
    root: str = ""
    real_names: Mapping[str, str] = MappingProxyType({})
    is_ci: bool = False
    misunderstood: int = 0
    revisions: frozenset[str] = frozenset()

    @property
    def of_files(self) -> list[Diagnostic]:
        """The diagnostics other than those of checks."""
        return [each for each in self.diagnostics if not each.problem.code.startswith("FN4")]

    @property
    def summary(self) -> Summary:
        """How many of what."""
        errors = sum(each.severity is Severity.ERROR for each in self.diagnostics)
        outcomes = [each.passed for each in self.checks]
        found = len(self.files), self.funnels, errors + self.misunderstood, len(self.diagnostics) - errors
        fixes = [each.fix.safe for each in self.diagnostics if each.fix]
        counted = len(outcomes), outcomes.count(False), outcomes.count(None)
        return Summary(*found, *counted, fixes.count(True), fixes.count(False))


NEED_A_FILE = ("gitlab", "sarif")
"""Formats that leave out what stands in no file, because their readers refuse it."""
CHECK_FORMATS = {
    "full": Format("text"),
    "concise": Format("text"),
    "json": Format("json", ending=".json"),
    "github": Format("text"),
    "gitlab": Format("hosts"),
    "junit": Format("junit", ending=".xml"),
    "sarif": Format("hosts", ending=".sarif"),
    "markdown": Format("markdown", ending=".md"),
}
"""Every format by the name of its option value; its module has a function of that name."""


def render(format_name: str, report: CheckReport, canvas: Canvas) -> str:
    """A report in one of the formats."""
    module = import_module(f"funnelcli.output.check.{CHECK_FORMATS[format_name].module}")
    return str(getattr(module, format_name)(report, canvas))
