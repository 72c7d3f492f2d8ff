"""Options that commands of all kinds have in common."""

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
