"""`bodycopy eval`."""

from __future__ import annotations

from pathlib import Path

import click

from bodycopy.cli.options import Choice, choice_options
from bodycopy.formats.files import write_stdout

__all__ = ["evaluate"]

_EPILOG = """\b
Examples:
  bodycopy eval labelled
  bodycopy eval labelled --set articles --most 50 --rules my-rules
"""


@click.command("eval", epilog=_EPILOG)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--set", "sets", multiple=True, metavar="NAME", help="Only files whose names begin so.")
@click.option("--most", metavar="N", default=20, show_default=True, help="Rules, documents and leftovers to list.")
@choice_options
def evaluate(data: Path, sets: tuple[str, ...], most: int, choice: Choice) -> None:
    """Measure the rules on texts whose bodies are known.

    DATA is a folder of JSON lines (.jsonl, .jsonl.gz, .jsonl.zst). A row has a text, and "gold" (the body), or
    "with" and "without" (pieces that must stay, and go), or neither: then nothing of the text may go. Rows with
    "gold" are cleaned with the category headline too.
    """
    from dataclasses import replace  # noqa: PLC0415 - heavy

    from bodycopy import evaluation  # noqa: PLC0415 - heavy
    from bodycopy.report.evaluation import lines_of_evaluation  # noqa: PLC0415 - heavy

    body = replace(choice, also=(*choice.also, "headline")).cleaner()
    found = evaluation.evaluate(data, choice.cleaner(), body, sets)
    write_stdout("".join(f"{line}\n" for line in lines_of_evaluation(found, most)).encode("utf-8"))
