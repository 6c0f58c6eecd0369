"""`funnelcli schema`."""

import json
from typing import Annotated

from funnelcli.cli import destination
from funnelcli.cli.request import Given, Request, door, output_option
from funnelcli.funnel_file.json_schema import json_schema


@door("force")
def command(request: Request, output: Annotated[Given, output_option()] = None) -> None:
    """Print the JSON Schema of the funnel file, for editors and validators."""
    destination.check(request)
    destination.deliver(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n", output)
