"""The options that several commands share: which packs are read, and which of their rules act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner
    from bodycopy.rules import Rule

__all__ = ["Choice", "Packs", "choice_options", "pack_options"]

_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs that a command reads."""

    paths: tuple[str, ...]
    builtin: bool

    def load(self) -> tuple[Rule, ...]:
        """Return all of their rules. Raises RuleFileError."""
        from bodycopy.loader import load_rules  # noqa: PLC0415 - heavy

        return load_rules(self.paths, builtin=self.builtin)


@dataclass(frozen=True, slots=True)
class Choice:
    """The rules that act."""

    packs: Packs
    only: tuple[str, ...]
    skip: tuple[str, ...]
    also: tuple[str, ...]

    def cleaner(self) -> Cleaner:
        """Build the cleaner. Raises RuleFileError and RuleChoiceError."""
        from bodycopy.cleaner import Cleaner  # noqa: PLC0415 - heavy

        return Cleaner(self.packs.paths, builtin=self.packs.builtin, only=self.only, skip=self.skip, also=self.also)


def pack_options(command: _Command) -> _Command:
    """Add `--rules` and `--no-builtin`; the command gets them as `packs`."""

    @click.option(
        "--rules",
        "paths",
        multiple=True,
        metavar="PATH",
        help="Use the pack in this file, or those in this folder, too.",
    )
    @click.option("--no-builtin", is_flag=True, help="Leave the built-in rules out.")
    @wraps(command)
    def with_packs(*args: Any, paths: tuple[str, ...], no_builtin: bool, **options: Any) -> Any:
        return command(*args, packs=Packs(paths, not no_builtin), **options)

    return with_packs


def choice_options(command: _Command) -> _Command:
    """Add the options of `pack_options` and `--only`, `--skip`, `--also`; the command gets them as `choice`."""

    @pack_options
    @click.option("--only", multiple=True, metavar="RULES", help="Use no other rules: a category, an id, or a glob.")
    @click.option("--skip", multiple=True, metavar="RULES", help="Leave these rules out.")
    @click.option("--also", multiple=True, metavar="RULES", help="Use these rules too, though they are off by default.")
    @wraps(command)
    def with_choice(*args: Any, packs: Packs, **options: Any) -> Any:
        names = {name: options.pop(name) for name in ("only", "skip", "also")}
        return command(*args, choice=Choice(packs, **names), **options)

    return with_choice
