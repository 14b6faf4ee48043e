"""The command line: one command per stage, and no logic. Imports happen inside, so that `--help` is instant."""

import sys

import typer

from vpd.cli import cache, learning, programs, scores, starting, tools
from vpd.commands.demo import world
from vpd.errors import UserError

_INTERRUPTED = 130

app = typer.Typer(
    help="Visual program distillation: from images and questions to a model that needs no tools.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes a quarter of a second to import
    pretty_exceptions_enable=False,
    add_completion=False,
)
for module in (starting, programs, learning, scores, cache, tools):
    app.add_typer(module.app)
app.add_typer(world)


def main() -> None:
    """Run the command line; a user's mistake ends in one sentence and status 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as stop:
        # Typer makes the one of Ctrl-C into the other, and says nothing.
        if isinstance(stop, SystemExit) and stop.code != _INTERRUPTED:
            raise
        print("stopped; run the same command again to continue", file=sys.stderr)
        sys.exit(_INTERRUPTED)
