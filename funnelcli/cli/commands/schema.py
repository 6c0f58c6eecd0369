"""`funnelcli schema`."""

import json
from typing import Annotated, Literal

import typer

from funnelcli.cli import destination
from funnelcli.cli.request import Given, Request, door, output_option
from funnelcli.funnel_file.json_schema import json_schema


@door("force")
def command(
    request: Request,
    what: Annotated[
        Literal["funnel", "config"],
        typer.Argument(
            metavar="[funnel|config]", help="Of a funnel file, or of a file of defaults.", show_default=False
        ),
    ] = "funnel",
    *,
    output: Annotated[Given, output_option()] = None,
) -> None:
    """Print the JSON Schema of the funnel file, for editors and validators."""
    destination.check(request)
    if what == "config":
        from funnelcli.cli.settings_file import settings_schema

        schema = settings_schema()
    else:
        schema = json_schema()
    destination.deliver(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", output)
