"""Which format a file has, by its name; and the formats, made when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats import compression
from bodycopy.formats.records import Fields, Format

if TYPE_CHECKING:
    from bodycopy.formats.conversion import Rows

__all__ = [
    "FORMATS",
    "PLAIN",
    "TARGETS",
    "ConversionError",
    "Kind",
    "converted",
    "kind_of",
    "make",
    "missing",
    "suffixes",
    "written_name",
]


class Kind(NamedTuple):
    """A format by its name, and the suffix of the compression around it, or ""."""

    format: str = "txt"
    compression: str = ""


PLAIN: Final = Kind()


class ConversionError(BodycopyError):
    """A file that cannot be written in the format that is asked for."""


class _Target(NamedTuple):
    """A format that is written, whatever is read."""

    suffix: str
    make: Callable[[], Rows]
    compressible: bool = True


class _Entry(NamedTuple):
    suffixes: tuple[str, ...]
    make: Callable[[Fields], Format]
    compressible: bool = True
    extra: str | None = None
    """The extra of this package that installs what the format needs."""
    modules: tuple[str, ...] = ()
    """What that is."""
    written: str | None = None
    """The suffix of what is written, where it is not the one of what is read."""
    single: bool = False
    """Whether a file is one text."""


def kind_of(name: str) -> Kind | None:
    """Return the format that a file's name says it has.

    >>> kind_of("a.JSONL.gz"), kind_of("a.md")
    (Kind(format='jsonl', compression='.gz'), None)
    """
    path = PurePath(name)
    compressed = path.suffix.lower() if path.suffix.lower() in compression.SUFFIXES else ""
    suffix = PurePath(path.stem).suffix.lower() if compressed else path.suffix.lower()
    for format_name, entry in _ENTRIES.items():
        if suffix in entry.suffixes and (entry.compressible or not compressed):
            return Kind(format_name, compressed)
    return None


def make(name: str, fields: Fields, to: Kind | None = None) -> Format:
    """Return a format, for a run that asks for these fields, and for another format to write in."""
    if to is None:
        return _ENTRIES[name].make(fields)
    from bodycopy.formats.conversion import Converted  # noqa: PLC0415 - only what a run reads

    return Converted(make(name, replace(fields, removals=None)), _TARGETS[to.format].make(), fields)


def converted(name: str, kind: Kind, to: str) -> Kind | None:
    """Return as what a file is written where a format is asked for; None where it is written so in any case.

    Raises ConversionError for a file of records that is to be one text.

    >>> converted("a.jsonl.gz", Kind("jsonl", ".gz"), "tsv"), converted("a.csv", Kind("csv"), "csv")
    (Kind(format='tsv', compression='.gz'), None)
    """
    if to == "txt":
        if not _ENTRIES[kind.format].single:
            raise ConversionError(f"{name} holds records, and a .txt file is one text; --to {', '.join(_TARGETS)}")
        return None
    of_tabs = PurePath(name.removesuffix(kind.compression)).suffix.lower() == ".tsv"
    if to == ("tsv" if kind.format == "csv" and of_tabs else kind.format):
        return None
    return Kind(to, kind.compression if _TARGETS[to].compressible else "")


def written_name(name: str, kind: Kind, to: Kind | None = None) -> str:
    """Return the name under which a file of a kind is written, if need be as another kind.

    >>> written_name("a/page.html.gz", Kind("html", ".gz"))
    'a/page.txt.gz'
    >>> written_name("a.jsonl.gz", Kind("jsonl", ".gz"), Kind("csv"))
    'a.csv'
    """
    suffix = _TARGETS[to.format].suffix if to else _ENTRIES[kind.format].written
    if suffix is None:
        return name
    whole = name[: len(name) - len(kind.compression)]
    end = to.compression if to else name[len(whole) :]
    return f"{whole.removesuffix(PurePath(whole).suffix) if kind_of(name) else whole}{suffix}{end}"


def missing(kind: Kind) -> str | None:
    """Return the extra that has to be installed before a file of this kind can be read or written, if any."""
    if kind.compression == ".zst" and find_spec("zstandard") is None:
        return "zstd"
    entry = _ENTRIES.get(kind.format, _ENTRIES["txt"])
    return entry.extra if any(find_spec(module) is None for module in entry.modules) else None


def suffixes() -> tuple[str, ...]:
    """Return the ends of the names of all files that are read."""
    return tuple(suffix for entry in _ENTRIES.values() for suffix in entry.suffixes)


def _txt(fields: Fields) -> Format:
    from bodycopy.formats.txt import PlainText  # noqa: PLC0415 - only what a run reads

    return PlainText()


def _jsonl(fields: Fields) -> Format:
    from bodycopy.formats.jsonl import JsonLines  # noqa: PLC0415 - only what a run reads

    return JsonLines(fields)


def _delimited(fields: Fields) -> Format:
    from bodycopy.formats.delimited import Delimited  # noqa: PLC0415 - only what a run reads

    return Delimited(fields)


def _parquet(fields: Fields) -> Format:
    from bodycopy.formats.parquet import Parquet  # noqa: PLC0415 - an extra

    return Parquet(fields)


def _wet(fields: Fields) -> Format:
    from bodycopy.formats.wet import Wet  # noqa: PLC0415 - only what a run reads

    return Wet(fields)


def _warc(fields: Fields) -> Format:
    from bodycopy.formats.warc import Warc  # noqa: PLC0415 - an extra

    return Warc(fields)


def _html(fields: Fields) -> Format:
    from bodycopy.formats.html import Html  # noqa: PLC0415 - an extra

    return Html()


def _json_rows() -> Rows:
    from bodycopy.formats.conversion import JsonRows  # noqa: PLC0415 - only what a run writes

    return JsonRows()


def _delimited_rows(delimiter: str) -> Rows:
    from bodycopy.formats.conversion import DelimitedRows  # noqa: PLC0415 - only what a run writes

    return DelimitedRows(delimiter)


def _parquet_rows() -> Rows:
    from bodycopy.formats.parquetrows import ParquetRows  # noqa: PLC0415 - an extra

    return ParquetRows()


_ENTRIES: Final = {
    "txt": _Entry((".txt",), _txt, single=True),
    "jsonl": _Entry((".jsonl", ".ndjson"), _jsonl),
    "csv": _Entry((".csv", ".tsv"), _delimited),
    "parquet": _Entry((".parquet",), _parquet, compressible=False, extra="parquet", modules=("pyarrow",)),
    "wet": _Entry((".wet",), _wet),
    "warc": _Entry((".warc",), _warc, extra="warc", modules=("fastwarc", "trafilatura"), written=".wet"),
    "html": _Entry((".html", ".htm"), _html, extra="html", modules=("trafilatura",), written=".txt", single=True),
}
FORMATS: Final = tuple(_ENTRIES)
"""The names of the formats."""

_TARGETS: Final = {
    "jsonl": _Target(".jsonl", _json_rows),
    "csv": _Target(".csv", lambda: _delimited_rows(",")),
    "tsv": _Target(".tsv", lambda: _delimited_rows("\t")),
    "parquet": _Target(".parquet", _parquet_rows, compressible=False),
}
TARGETS: Final = (*_TARGETS, "txt")
"""The names of the formats that can be asked for."""
