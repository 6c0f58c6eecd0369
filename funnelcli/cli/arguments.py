"""Arguments of a command: files, or the stages of a funnel that is typed, `NAME=COUNT`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from funnelcli.cli.console import Refused
from funnelcli.funnel_file.names import is_funnel_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.funnel_file.typed import Typed


def option_name(key: str) -> str:
    """The option of a key of a file, `--average-check` of `average_check`."""
    return f"--{key.replace('_', '-')}"


def is_stage(argument: str) -> bool:
    """Whether an argument is a stage: `./a=b` is a file, and so is a path that exists, or ends as funnel files do."""
    if "=" not in argument or argument.startswith(("./", "../", "/", "~", "-")):
        return False
    return not is_funnel_file(argument) and not ("/" in argument and os.path.exists(argument))


def parted(given: Iterable[str], by_option: Iterable[str] | None = ()) -> tuple[list[str], list[str]]:
    """The files among arguments, and the stages: these arguments, or those of `--stage`; both would have no order."""
    files: list[str] = []
    stages: list[str] = []
    for argument in given:
        if is_stage(argument):
            stages.append(argument.rstrip(" ,;"))  # people part them as in a sentence
        else:
            files.append(argument)
    others = list(by_option or ())
    if stages and others:
        from funnelcli.diagnostics import quoted

        what = f"{quoted(stages[0])} is written without --stage, and {quoted(others[0])} with it"
        raise Refused(what, "write all stages in one way, in their order")
    return files, stages or others


def words_of(stages: Sequence[str]) -> list[str]:
    """Stages as arguments, or all of them by `--stage` where one would not be read as a stage."""
    return [*stages] if all(map(is_stage, stages)) else [f"--stage={stage}" for stage in stages]


def typed(request: Request) -> Typed:
    """What is typed of a funnel."""
    from funnelcli.funnel_file.typed import KEYS, Typed

    return Typed(tuple(request.stage or ()), *(getattr(request, key) for key in KEYS))


def without_stages(request: Request) -> Request:
    """The same request without a typed funnel."""
    from funnelcli.funnel_file.typed import KEYS

    nothing: dict[str, Any] = dict.fromkeys(("stage", *KEYS))
    return request._replace(**nothing)


def first_key(request: Request) -> tuple[str, str] | None:
    """What is said of a key of a typed funnel that is given without stages, and what helps; `None` where none is."""
    from funnelcli.funnel_file.typed import KEYS

    key = next((key for key in KEYS if getattr(request, key) is not None), None)
    if key is None:
        return None
    option = option_name(key)
    if not request.files:
        return f"{option} goes with stages", "write NAME=COUNT for each stage, e.g. Visits=200 Sales=4"
    help_ = f"for a file, write {key}: in it"
    if key in ("average_check", "budget", "gross_margin"):
        help_ += f", or try one by scenario --set {key}=…"
    return f"{option} goes with stages that are typed, and a file has its own", help_


def funnel_file_here() -> str | None:
    """A funnel file of the folder, the first by name; `None` where there is none."""
    try:
        names = sorted(os.listdir())
    except OSError:  # the folder was removed, or nobody may look into it
        return None
    return next((name for name in names if is_funnel_file(name) and not name.startswith(".")), None)


def as_stages(files: Sequence[str]) -> str | None:
    """What was meant by `Visits:200 Sales:4` and by `Visits 200 Sales 4`; `None` for what is something else."""
    if any(map(os.path.exists, files)):
        return None
    from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, is_typed, plain_number

    pairs = [
        (found["name"], found["number"])
        for file in files
        if (found := re.fullmatch(rf"(?P<name>.*\S)\s*:\s*(?P<number>{NUMBER})", file))
    ]
    if len(pairs) < len(files):
        pairs = list(zip(files[::2], files[1::2], strict=False))
        if len(files) % 2 or not all(is_typed(number) and not is_typed(name) for name, number in pairs):
            return None
    from shlex import join

    return join(f"{name}={plain_number(number)}" for name, number in pairs)


def mixed(files: Sequence[str], stages: Sequence[str]) -> tuple[str, str]:
    """What is said of files and stages at once, and what helps."""
    from funnelcli.diagnostics import quoted
    from funnelcli.metrics import METRICS

    stage = stages[0]
    if stage.startswith("=") or stage.endswith("="):
        return "a stage is one word, NAME=COUNT", "write it without blanks around the =, e.g. Visits=100"
    what = f"{quoted(stage)} is a stage of a funnel without a file, and {quoted(files[0])} is a file"
    figure = stage.partition("=")[0].partition("@")[0].strip()
    if figure in METRICS:
        return what, f"a change is written --set {stage if ' ' not in stage else quoted(stage)}"
    if os.path.exists(stage):
        return what, f"the file of that name is ./{stage}"
    return what, "leave out the file, or the stages; one segment of a file is --segment DIMENSION=SEGMENT"
