"""Parquet: one column is cleaned; the schema, its metadata, the row groups and their compression stay.

A row group is put together before it is written, so memory is bounded by the largest one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from bodycopy.formats.records import Fields, Mark, Piece, Record, RecordError

__all__ = ["Parquet"]

_ROWS: Final = 500
# What a file calls otherwise than what writes it.
_CODECS: Final = {"UNCOMPRESSED": "none", "LZ4_RAW": "lz4"}


class _Batch(NamedTuple):
    """Some rows, and whether they are the last of their row group."""

    rows: pa.RecordBatch
    last: bool


class _Row(NamedTuple):
    rows: pa.RecordBatch
    number: int


class _Written(NamedTuple):
    number: int
    text: str
    removals: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _ParquetRecord:
    text: str
    url: str | None
    raw: _Row
    encoding: str = "utf-8"

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> _Written:
        return _Written(self.raw.number, text, removals)

    def row(self) -> dict[str, Any]:
        return _values(self.raw)


@dataclass(frozen=True, slots=True)
class Parquet:
    """Parquet files with a column of strings."""

    fields: Fields
    single = False
    rereads = True

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        if not file.seekable():
            raise RecordError("Parquet cannot be read from a pipe; name a file")
        source = _opened(file)
        _refuse(source.schema_arrow, self.fields)
        first = 0
        for group in range(source.num_row_groups):
            left = source.metadata.row_group(group).num_rows
            try:
                for rows in source.iter_batches(_ROWS, row_groups=[group]):
                    left -= rows.num_rows
                    yield Piece(first, rows.num_rows, _Batch(rows, left == 0))
                    first += rows.num_rows
            except (pa.ArrowException, OSError) as error:
                raise RecordError(f"the Parquet file is damaged: {_in_words(error)}") from error

    def records(self, content: Any) -> Iterable[Any]:
        return (_Row(content.rows, index) for index in range(content.rows.num_rows))

    def parse(self, raw: Any) -> Record:
        text = _cell(raw, self.fields.text)
        if text is None:
            raise RecordError(f'the field "{self.fields.text}" is null')
        return _ParquetRecord(text, _cell(raw, self.fields.url) if self.fields.url else None, raw)

    def shown(self, raw: Any) -> str | None:
        return json.dumps(_values(raw), ensure_ascii=False, default=str)

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        rows = content.rows
        if len(records) < rows.num_rows:
            rows = rows.take(pa.array([written.number for written in records], pa.int64()))
        place = rows.schema.get_field_index(self.fields.text)
        field = rows.schema.field(place)
        texts = [written.text for written in records]
        if texts != rows.column(place).to_pylist():
            rows = rows.set_column(place, field, _texts(texts, field.type))
        if self.fields.removals is not None:
            removals = pa.array([json.dumps(written.removals) for written in records], pa.string())
            rows = pa.RecordBatch.from_arrays(
                [*rows.columns, removals], schema=_with_removals(rows.schema, self.fields)
            )
        return _Batch(rows, content.last)

    @contextmanager
    def writer(self, source: BinaryIO | None, target: BinaryIO) -> Iterator[Callable[[Any], object]]:
        if source is None:
            raise RecordError("Parquet cannot be read from a pipe; name a file")
        read = _opened(source)
        schema = _with_removals(read.schema_arrow, self.fields)
        options = {"compression": _compression(read), "use_compliant_nested_type": False}
        with pq.ParquetWriter(target, schema, **options) as writer:
            group: list[pa.RecordBatch] = []

            def write(batch: _Batch) -> None:
                group.append(batch.rows)
                if batch.last:
                    _write_group(writer, pa.Table.from_batches(group, schema))
                    group.clear()

            yield write
            if group:  # reading failed in the midst of it
                _write_group(writer, pa.Table.from_batches(group, schema))


def _opened(file: BinaryIO) -> pq.ParquetFile:
    try:
        # Without it columns of a whole file would be held in memory.
        return pq.ParquetFile(file, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise RecordError(f"no Parquet file: {_in_words(error)}") from error


def _refuse(schema: pa.Schema, fields: Fields) -> None:
    if schema.get_field_index(fields.text) < 0:
        raise RecordError(f'there is no one field "{fields.text}"')
    kind = schema.field(fields.text).type
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)):
        raise RecordError(f'the field "{fields.text}" holds {kind}, not strings')
    if fields.removals in schema.names:
        raise RecordError(f'there is a field "{fields.removals}" already')


def _values(raw: _Row) -> dict[str, Any]:
    values: dict[str, Any] = raw.rows.slice(raw.number, 1).to_pylist()[0]
    return values


def _cell(raw: _Row, name: str) -> str | None:
    place = raw.rows.schema.get_field_index(name)
    value = raw.rows.column(place)[raw.number].as_py() if place >= 0 else None
    return value if isinstance(value, str) else None


def _texts(texts: Sequence[str], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(texts, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(texts, kind)


def _with_removals(schema: pa.Schema, fields: Fields) -> pa.Schema:
    return schema if fields.removals is None else schema.append(pa.field(fields.removals, pa.string()))


def _compression(source: pq.ParquetFile) -> dict[str, str] | str:
    if not source.num_row_groups:
        return "snappy"
    group = source.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    return {column.path_in_schema: _CODECS.get(column.compression, column.compression.lower()) for column in columns}


def _write_group(writer: pq.ParquetWriter, table: pa.Table) -> None:
    writer.write_table(table, max(1, table.num_rows))


def _in_words(error: Exception) -> str:
    return str(error).partition("\n")[0]
