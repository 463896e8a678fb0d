"""`bodycopy rules test`."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.program import ExitCode
from bodycopy.cli.rules.check import check_packs
from bodycopy.cli.rules.common import rules_at, write_lines
from bodycopy.formats.files import naming, replacing

if TYPE_CHECKING:
    from bodycopy.examples import Proof, Proving

__all__ = ["test"]

_EPILOG = """\b
Examples:
  bodycopy rules test
  bodycopy rules test my-rules/video.yaml
  bodycopy rules test my-rules --coverage --fail-under 90
  bodycopy rules test my-rules --quiet --junit rules.xml

Exit codes: 0 every example holds, 1 one does not, or too few patterns fired, 2 wrong usage or a wrong rule file.
"""


@click.command(epilog=_EPILOG)
@click.argument("tested", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True))
@click.option("--coverage", is_flag=True, help="Name each pattern that no example fires.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="With --coverage, which it implies: fail if examples fire fewer of the patterns.",
)
@click.option("--junit", type=click.Path(dir_okay=False), metavar="FILE", help="Write the results as JUnit XML, too.")
@click.option("--check", "checks", is_flag=True, help="First run `rules check`, and stop if it finds something.")
@click.option("-q", "--quiet", is_flag=True, help="Print the failures and the closing line only.")
@pack_options
def test(  # noqa: PLR0913 - its options
    *,
    tested: tuple[str, ...],
    coverage: bool,
    fail_under: float | None,
    junit: str | None,
    checks: bool,
    quiet: bool,
    packs: Packs,
) -> None:
    """Run the examples of the packs at PATH; without it of those of the project file, or else of the built-in ones.

    The built-in rules, the packs of the project file and those of --rules act along. A rule that no example fires
    fails, and so does one that removes what an example of another rule says must stay.
    """
    _refuse_a_pack(junit)
    if checks and (code := check_packs(tested, packs)):
        sys.exit(code)
    started = perf_counter()
    from bodycopy.examples import Proving  # noqa: PLC0415 - heavy

    paths = tested or packs.config.rules
    loaded = packs.beside(paths).load_all()
    coverage = coverage or fail_under is not None
    proving = Proving(loaded.rules, rules_at(paths, loaded) if paths else loaded.rules, coverage=coverage)
    proofs = _run(proving, quiet=quiet)
    seconds = perf_counter() - started
    if junit:
        _write_junit(Path(junit), proofs, seconds)
    percent = _tell(proving, proofs, seconds, coverage=coverage, quiet=quiet)
    too_few = fail_under is not None and percent < fail_under
    if too_few:
        click.echo(
            f"error: examples fire {percent:.2f}% of the patterns; --fail-under asks for {fail_under:g}%", err=True
        )
    sys.exit(ExitCode.FAILED if too_few or any(proof.failure for proof in proofs) else ExitCode.DONE)


def _refuse_a_pack(junit: str | None) -> None:
    if junit and Path(junit).suffix.lower() in (".yaml", ".yml"):
        raise click.UsageError(f"--junit writes XML, and {junit} would be a pack; name a file such as rules.xml.")


def _run(proving: Proving, *, quiet: bool) -> list[Proof]:
    """Run the examples, and show how far they are."""
    from bodycopy.report.proof import progress  # noqa: PLC0415 - heavy

    proofs: list[Proof] = []

    def noted() -> Iterator[Proof]:
        for proof in proving:
            proofs.append(proof)
            yield proof

    for line in progress(noted(), proving.total):
        if not quiet:
            write_lines([line])
    return proofs


def _write_junit(path: Path, proofs: Sequence[Proof], seconds: float) -> None:
    from bodycopy.report.proof import junit  # noqa: PLC0415 - heavy

    with replacing(path, secrets.token_hex(4)) as file, naming(path):
        file.write(junit(proofs, seconds))


def _tell(proving: Proving, proofs: Sequence[Proof], seconds: float, *, coverage: bool, quiet: bool) -> float:
    """Print what failed and what is not covered; return the share of the patterns that fired, in percent."""
    from bodycopy.examples import coverage_of  # noqa: PLC0415 - heavy
    from bodycopy.report import proof as report  # noqa: PLC0415 - heavy

    covered = coverage_of(proving.tested if coverage else (), proofs)
    write_lines(report.failure_lines(proofs, quiet=quiet))
    write_lines(report.coverage_lines(covered, quiet=quiet) if coverage else ())
    write_lines(() if quiet else report.summary_lines(proofs))
    write_lines([report.closing(len(proving.tested), proving.examples, proofs, seconds)])
    return covered.percent
