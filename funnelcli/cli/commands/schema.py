"""`funnelcli schema`."""

import json
from typing import Annotated

import typer

from funnelcli.cli import destination
from funnelcli.cli.request import Request, door
from funnelcli.funnel_file.json_schema import json_schema

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="Write the schema to a file instead of standard output."),
]


@door("force")
def command(request: Request, output: Output = None) -> None:
    """Print the JSON Schema of the funnel file, for editors and validators.

    \b
    Examples:
      funnelcli schema
      funnelcli schema -o funnel.schema.json

    An editor with a YAML language server then completes keys, explains
    them and marks mistakes in every funnel file that begins with

    \b
      # yaml-language-server: $schema=funnel.schema.json

    as templates do. The path is relative to the funnel file.
    """
    destination.check(request)
    destination.deliver(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n", output)
