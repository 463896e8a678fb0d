"""What the commands share that try rules on texts: the texts, and what changes on them, told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bodycopy.cli.program import ExitCode
from bodycopy.cli.progress import with_progress
from bodycopy.report.terminal import counted, visible

if TYPE_CHECKING:
    from bodycopy.comparison import Comparison
    from bodycopy.rules import RuleSet
    from bodycopy.sources import Found

__all__ = ["SAMPLES", "Texts", "samples_option", "texts_at"]

SAMPLES: Final = 5
"""Removals of each rule that are shown if nothing else is asked for."""

_MOST_NAMED: Final = 20

samples_option = click.option(
    "--samples",
    type=click.IntRange(min=0),
    metavar="N",
    default=SAMPLES,
    show_default=True,
    help="Removals of each rule to show; those that say the same count as one.",
)


class Texts:
    """The texts of a folder, and what could not be read of it."""

    def __init__(self, found: Found) -> None:
        self._files = [(path, kind) for path, _, kind in found.documents if path]
        self._skipped = found.skipped
        self._failed = 0
        self._reasons: list[tuple[str, str]] = []
        for name, why in found.unlisted:
            self._note(name, why)

    def compare(self, first: RuleSet, second: RuleSet, samples: int) -> Comparison:
        """Return what changes from one rule set to the other."""
        from bodycopy.comparison import compare  # noqa: PLC0415 - heavy
        from bodycopy.matcher import Program  # noqa: PLC0415 - heavy
        from bodycopy.sources import texts_of  # noqa: PLC0415 - heavy

        are_texts = all(kind.format == "txt" for _, kind in self._files)
        texts = with_progress(texts_of(self._files, self._note), "trying", len(self._files) if are_texts else None)
        return compare(Program(first), Program(second), texts, samples)

    def tell_the_rest(self) -> ExitCode:
        """Say on standard error what was not compared; return the exit code that goes with it."""
        if self._failed:
            click.echo(f"{counted(self._failed, 'document')} failed and not compared:", err=True)
        for name, why in self._reasons:
            click.echo(f"  {visible(name)}: {visible(why)}", err=True)
        if self._failed > len(self._reasons):
            click.echo(f"  and {self._failed - len(self._reasons):,} more", err=True)
        if self._skipped:
            click.echo(f"{counted(self._skipped, 'file')} skipped, in no format that is read", err=True)
        return ExitCode.FAILED if self._failed else ExitCode.DONE

    def _note(self, name: str, why: str) -> None:
        self._failed += 1
        if len(self._reasons) < _MOST_NAMED:  # every row of a file may be wrong
            self._reasons.append((name, why))


def texts_at(source: str) -> Texts:
    """Return the texts of a folder or a file. Raises SourceError if there are none."""
    from bodycopy.sources import find  # noqa: PLC0415 - heavy

    return Texts(find([source]))
