"""How every command ends: its exit code, and one line on standard error for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from importlib import import_module
from typing import Any, NoReturn

import click

from bodycopy.errors import BodycopyError, DecodeError
from bodycopy.report.terminal import visible

__all__ = ["ExitCode", "Program"]


class ExitCode(IntEnum):
    """What a command reports to the shell."""

    DONE = 0
    FAILED = 1
    """Some documents failed, or `rules test` or `rules check` found something."""
    USAGE = 2
    """Wrong usage or a wrong rule file; nothing was written."""
    INTERRUPTED = 130


class Program(click.Group):
    """A group of commands that turns expected errors into messages and exit codes.

    A command is imported when it is asked for, from the place that `homes` names as `module:attribute`: `--version`
    needs none of them.
    """

    def __init__(self, *args: Any, homes: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._homes = homes

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted(self._homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in self._homes:
            return None
        module, _, attribute = self._homes[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. What it raises on purpose is no traceback."""
        try:
            return super().invoke(ctx)
        except BodycopyError as error:
            _end(ctx, str(error), ExitCode.FAILED if isinstance(error, DecodeError) else ExitCode.USAGE)
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as error:
            _end(ctx, _in_words(error), ExitCode.FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


def _end(ctx: click.Context, message: str, code: ExitCode) -> NoReturn:
    for line in message.split("\n"):
        click.echo(f"error: {visible(line)}", err=True)
    ctx.exit(code)


def _in_words(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason
