"""Which format a file has, by its name; and the formats, made when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import PurePath
from typing import Final, NamedTuple

from bodycopy.formats import compression
from bodycopy.formats.records import Fields, Format

__all__ = ["FORMATS", "PLAIN", "Kind", "kind_of", "make", "missing", "suffixes", "written_name"]


class Kind(NamedTuple):
    """A format by its name, and the suffix of the compression around it, or ""."""

    format: str = "txt"
    compression: str = ""


PLAIN: Final = Kind()


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


def make(name: str, fields: Fields) -> Format:
    """Return a format, for a run that asks for these fields."""
    return _ENTRIES[name].make(fields)


def written_name(name: str, kind: Kind) -> str:
    """Return the name under which a file of a kind is written.

    >>> written_name("a/page.html.gz", Kind("html", ".gz"))
    'a/page.txt.gz'
    """
    suffix = _ENTRIES[kind.format].written
    if suffix is None:
        return name
    whole = name[: len(name) - len(kind.compression)]
    return f"{whole.removesuffix(PurePath(whole).suffix)}{suffix}{name[len(whole) :]}"


def missing(kind: Kind) -> str | None:
    """Return the extra that has to be installed before a file of this kind can be read, if any."""
    if kind.compression == ".zst" and find_spec("zstandard") is None:
        return "zstd"
    entry = _ENTRIES[kind.format]
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


_ENTRIES: Final = {
    "txt": _Entry((".txt",), _txt),
    "jsonl": _Entry((".jsonl", ".ndjson"), _jsonl),
    "csv": _Entry((".csv", ".tsv"), _delimited),
    "parquet": _Entry((".parquet",), _parquet, compressible=False, extra="parquet", modules=("pyarrow",)),
    "wet": _Entry((".wet",), _wet),
    "warc": _Entry((".warc",), _warc, extra="warc", modules=("fastwarc", "trafilatura"), written=".wet"),
    "html": _Entry((".html", ".htm"), _html, extra="html", modules=("trafilatura",), written=".txt"),
}
FORMATS: Final = tuple(_ENTRIES)
"""The names of the formats."""
