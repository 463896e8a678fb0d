"""The removal log: JSON lines, one object for each removal, enough to put every document together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bodycopy.formats.files import naming, replacing
from bodycopy.runner import Located, Processed

__all__ = ["entry", "removal_log", "to_json"]


def entry(doc: str, located: Located) -> dict[str, Any]:
    """Return a removal as the log has it; `evidence` is there only if weak rules added up."""
    line, removal = located
    return {
        "doc": doc,
        "start": removal.start,
        "end": removal.end,
        "doc_line": line,
        "rule": removal.rule,
        "rule_file": removal.file,
        "rule_line": removal.line,
        "category": removal.category,
        "text": removal.text,
    } | ({"evidence": removal.evidence} if removal.evidence else {})


def to_json(value: dict[str, Any]) -> bytes:
    """Return a line of JSON in UTF-8."""
    # A file name that is no UTF-8 holds lone surrogates; as backslash escapes they are legal JSON.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def removal_log(path: Path, token: str) -> Iterator[Callable[[Processed], None]]:
    """Open a log that appears under its name when the block ends well. Raises OSError."""
    with replacing(path, token) as file:

        def write(processed: Processed) -> None:
            with naming(path):
                file.writelines(to_json(entry(processed.name, located)) for located in processed.removals)

        yield write
