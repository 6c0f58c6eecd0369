"""`funnelcli schema`."""

import json
from typing import Annotated

import typer

from funnelcli.cli import console
from funnelcli.cli.options import Force, Request
from funnelcli.funnel_file.json_schema import json_schema

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="Write the schema to a file instead of standard output."),
]


def command(output: Output = None, force: Force = False) -> None:
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
    request = Request(output=output, force=force)
    refusal = console.unsafe_output(request)
    if refusal:
        raise typer.Exit(console.refuse(*refusal, request))
    raise typer.Exit(console.deliver(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n", request))
