# /// script
# requires-python = ">=3.11"
# dependencies = ["msgpack"]
# ///
"""Make `src/bodycopy/data/words.txt.gz`, by which `bodycopy rules check` knows common words.

    pip download wordfreq==3.1.1 --no-deps
    pip install msgpack
    python scripts/word_counts.py wordfreq-3.1.1-py3-none-any.whl

Reads the small word lists of a wheel of `wordfreq` without installing it. What is written is words and rounded
frequencies, no text: a line is a language, ten times a Zipf frequency, and the words that have it, sorted.
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgpack

LANGUAGES: Final = "ar,cs,da,de,el,en,es,fa,fi,fr,he,hi,hu,id,it,ja,ko,nb,nl,pl,pt,ro,ru,sv,tr,uk,vi,zh"
RAREST: Final = 4.4
"""A Zipf frequency, the decimal logarithm of how often a word stands in 10⁹: 4.4 is 25 times in a million."""

TARGET: Final = Path(__file__).resolve().parents[1] / "src" / "bodycopy" / "data" / "words.txt.gz"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Make the table of common words from a wheel of wordfreq.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    arguments = parser.parse_args()
    with zipfile.ZipFile(arguments.wheel) as wheel:
        lines = [line for language in LANGUAGES.split(",") for line in lines_of(language, buckets_of(wheel, language))]
    arguments.output.write_bytes(compressed("\n".join(lines)))
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes", file=sys.stderr)


def buckets_of(wheel: zipfile.ZipFile, language: str) -> list[list[str]]:
    """Return the words of a language by frequency: those of bucket n stand 10 ** (-n / 100) times in a text of one."""
    packed = wheel.read(f"wordfreq/data/small_{language}.msgpack.gz")
    header, *buckets = msgpack.unpackb(gzip.decompress(packed), raw=False)
    if header != {"format": "cB", "version": 1}:
        raise SystemExit(f"error: the list of {language} is in an unknown format: {header}")
    return buckets


def lines_of(language: str, buckets: list[list[str]]) -> Iterator[str]:
    """Yield the lines of the table for a language. Numbers are left out: the source has merged them."""
    by_tenth: dict[int, list[str]] = {}
    for number, words in enumerate(buckets):
        zipf = 9 - number / 100
        if zipf >= RAREST:
            by_tenth.setdefault(round(zipf * 10), []).extend(word for word in words if is_word(word))
    for tenth, words in by_tenth.items():
        if words:
            yield " ".join([language, str(tenth), *sorted(words)])


def is_word(token: str) -> bool:
    """Say whether a token of the source is a word."""
    return any(map(str.isalpha, token)) and not any(map(str.isdigit, token)) and " " not in token


def compressed(text: str) -> bytes:
    """Compress a text so that the same text always gives the same bytes."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(text.encode())
    return target.getvalue()


if __name__ == "__main__":
    main()
