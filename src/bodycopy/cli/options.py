"""The options that several commands share: which packs are read, and which of their rules act."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bodycopy.cli.progress import saying_if_slow
from bodycopy.config import Config, find_config
from bodycopy.errors import RuleChoiceError
from bodycopy.formats.remote import is_url
from bodycopy.report.terminal import visible

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner
    from bodycopy.loader import Loaded
    from bodycopy.rules import Rule, RuleSet

__all__ = ["Choice", "LocalFile", "Packs", "PathOrUrl", "choice_options", "notices", "pack_options"]

_Command = Callable[..., Any]

_FIRST: Final = "getting the rules ready, which takes a while the first time"


class PathOrUrl(click.Path):
    """A path that must be there, or a URL, of which that is seen later."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if is_url(value) else super().convert(value, param, ctx)


class LocalFile(click.Path):
    """A file that grows while a command runs, or that is read in no order, which cannot be done under a URL."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if is_url(str(value)):
            self.fail(f"{value} is a URL, and this must be a file of this machine.", param, ctx)
        return super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs that a command reads."""

    paths: tuple[str, ...]
    builtin: bool
    config: Config = field(default_factory=Config)
    """The project file; its packs are among `paths`."""

    def beside(self, paths: tuple[str, ...]) -> Packs:
        """Return these packs and those at the paths."""
        return replace(self, paths=(*self.paths, *paths))

    def load(self) -> tuple[Rule, ...]:
        """Return their rules, without those that a pack switches off. Raises RuleFileError."""
        return self.load_all().rules

    def load_all(self) -> Loaded:
        """Return all that they say. Raises RuleFileError."""
        from bodycopy.loader import load  # noqa: PLC0415 - heavy

        with notices(), saying_if_slow(_FIRST):
            return load(self.paths, builtin=self.builtin)


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

        with self._naming_the_project_file(), notices(), _left_alone(), saying_if_slow(_FIRST):
            return Cleaner(self.packs.paths, builtin=self.packs.builtin, only=self.only, skip=self.skip, also=self.also)

    def of(self, rules: tuple[Rule, ...]) -> RuleSet:
        """Return those of the rules that act. Raises RuleChoiceError."""
        from bodycopy.rules import choose  # noqa: PLC0415 - heavy

        with self._naming_the_project_file(), notices():
            return choose(rules, only=self.only, skip=self.skip, also=self.also)

    @contextmanager
    def _naming_the_project_file(self) -> Iterator[None]:
        """Say of a selector that names no rule where it stands, if that is not the command line."""
        config = self.packs.config
        try:
            yield
        except RuleChoiceError as error:
            if any(f'"{name}"' in str(error) for name in (*config.only, *config.skip, *config.also)):
                raise RuleChoiceError(f"{config.file}: {error}") from None
            raise


def pack_options(command: _Command) -> _Command:
    """Add `--rules`, `--no-builtin` and `--no-config`; the command gets them, and the project file, as `packs`."""

    @click.option(
        "--rules",
        "paths",
        multiple=True,
        metavar="PATH",
        help="Use the pack in this file, those in this folder, or those installed as package:NAME, too.",
    )
    @click.option("--no-builtin", is_flag=True, help="Leave the built-in rules out.")
    @click.option(
        "--no-config",
        is_flag=True,
        help="Ignore the project file (bodycopy.toml, or [tool.bodycopy] in pyproject.toml, here or further up).",
    )
    @wraps(command)
    def with_packs(*args: Any, paths: tuple[str, ...], no_builtin: bool, no_config: bool, **options: Any) -> Any:
        config = Config() if no_config else find_config(Path.cwd())
        packs = Packs((*config.rules, *paths), config.builtin and not no_builtin, config)
        return command(*args, packs=packs, **options)

    return with_packs


def choice_options(command: _Command) -> _Command:
    """Add the options of `pack_options` and `--only`, `--skip`, `--also`; the command gets them as `choice`.

    Each of the three replaces what the project file says under the same key.
    """

    @pack_options
    @click.option(
        "--only",
        multiple=True,
        metavar="RULES",
        help="Use no other rules: a category, an id, or a glob. Like --skip and --also it replaces the project file's.",
    )
    @click.option("--skip", multiple=True, metavar="RULES", help="Leave these rules out.")
    @click.option("--also", multiple=True, metavar="RULES", help="Use these rules too, though they are off by default.")
    @wraps(command)
    def with_choice(*args: Any, packs: Packs, **options: Any) -> Any:
        names = {name: options.pop(name) or getattr(packs.config, name) for name in ("only", "skip", "also")}
        return command(*args, choice=Choice(packs, **names), **options)

    return with_choice


@contextmanager
def _left_alone() -> Iterator[None]:
    """Keep the garbage collector from looking through what is loaded: it stays, and there is much of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def notices() -> Iterator[None]:
    """Print what the library warns of, each once, as notices."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for notice in dict.fromkeys(str(warning.message) for warning in caught):
        click.echo(f"notice: {visible(notice)}", err=True)
