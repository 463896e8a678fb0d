"""A column of texts in an Arrow record batch or table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bodycopy.batch import PORTION, hits_of_joined
from bodycopy.model import Document, Result
from bodycopy.prefilter import Filter, Hits

__all__ = ["REMOVAL", "ArrowData", "cleaned"]

ArrowData = TypeVar("ArrowData", pa.RecordBatch, pa.Table)

REMOVAL = pa.struct([("start", pa.int64()), ("end", pa.int64()), ("rule", pa.string())])
"""What is said of a removal."""


def cleaned(batch: ArrowData, column: str, chosen: Filter | None, clean: Callable[..., Result]) -> ArrowData:
    """Return the batch or table with a column cleaned, and a column `removals` added.

    Without a filter every text is cleaned, as where rules go by form alone.
    """
    if column not in batch.schema.names:
        raise KeyError(f'no column "{column}"; there are {", ".join(batch.schema.names)}')
    at = batch.schema.get_field_index(column)
    field = batch.schema.field(at)
    if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)):
        raise TypeError(f'the column "{column}" holds {field.type}, not text')
    whole = batch.column(at)
    chunks = whole.chunks if isinstance(whole, pa.ChunkedArray) else [whole]
    done = [_cleaned(some, chosen, clean) for chunk in chunks for some in _portions(chunk)]
    texts: Any = pa.chunked_array([texts for texts, _ in done], field.type)
    removals: Any = pa.chunked_array([removals for _, removals in done], pa.list_(REMOVAL))
    if isinstance(batch, pa.RecordBatch):
        texts, removals = texts.combine_chunks(), removals.combine_chunks()
    return batch.set_column(at, field, texts).append_column("removals", removals)


def _portions(texts: pa.Array) -> Iterator[pa.Array]:
    """Yield the texts in order, some at a time."""
    sizes = np.cumsum(pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False))
    start = 0
    while start < len(texts):
        before = sizes[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(sizes, before + PORTION)))
        yield texts.slice(start, stop - start)
        start = stop


def _cleaned(texts: pa.Array, chosen: Filter | None, clean: Callable[..., Result]) -> tuple[pa.Array, pa.Array]:
    filled = pc.fill_null(texts, "")
    hits: dict[int, Hits | None] = dict.fromkeys(range(len(filled)))
    if chosen is not None:
        together = pa.ListArray.from_arrays(pa.array([0, len(filled)], pa.int32()), filled)
        joined = pc.binary_join(together, pa.scalar("\n", filled.type))[0].as_py()
        hits = {**hits_of_joined(chosen, joined, pc.add(pc.count_substring(filled, "\n"), 1).to_pylist())}
    results = {number: clean(Document(filled[number].as_py()), hits=hits[number]) for number in sorted(hits)}
    changed = {number: result for number, result in results.items() if result.removals}
    return _with_texts(texts, changed), _removals(len(texts), changed)


def _with_texts(texts: pa.Array, changed: dict[int, Result]) -> pa.Array:
    if not changed:
        return texts
    mask = np.zeros(len(texts), dtype=bool)
    mask[list(changed)] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array([r.text for r in changed.values()], texts.type))


def _removals(size: int, changed: dict[int, Result]) -> pa.Array:
    counts = np.zeros(size + 1, dtype=np.int32)
    for number, result in changed.items():
        counts[number + 1] = len(result.removals)
    found = [removal for result in changed.values() for removal in result.removals]
    members = [[r.start for r in found], [r.end for r in found], [r.rule for r in found]]
    arrays = [pa.array(member, field.type) for member, field in zip(members, REMOVAL, strict=True)]
    values = pa.StructArray.from_arrays(arrays, fields=list(REMOVAL))
    return pa.ListArray.from_arrays(pa.array(np.cumsum(counts, dtype=np.int32)), values)
