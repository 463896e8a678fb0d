"""A step of a datatrove pipeline, for its executors on this machine, on Slurm and on Ray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datatrove.pipeline.base import PipelineStep

from bodycopy.work import described, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from datatrove.data import Document

    from bodycopy.cleaner import Cleaner

__all__ = ["BodyCopy"]


class BodyCopy(PipelineStep):  # type: ignore[misc]
    """Cleans the text of every document; all else of it stays, and so does a document of which nothing is left.

    `url_field` is the entry of the metadata with the document's address, for rules with `site`, and `removals_field`
    a new one for what was removed, as `bodycopy clean --removals-field` writes it. The statistics have the documents
    that were changed and flagged, and for each category the removals and their characters.
    """

    name = "✂ BodyCopy"
    type = "✂ - CLEANER"

    def __init__(self, cleaner: Cleaner, *, url_field: str | None = None, removals_field: str | None = None) -> None:
        super().__init__()
        self.cleaner = cleaner
        self.url_field = url_field
        self.removals_field = removals_field

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Clean the documents of one task."""
        for document in data:
            with self.track_time():
                self._clean(document)
            yield document

    def _clean(self, document: Document) -> None:
        text = document.text
        url = document.metadata.get(self.url_field) if self.url_field else None
        result = self.cleaner.clean(text, url)
        document.text = result.text
        if self.removals_field:
            document.metadata[self.removals_field] = [described(each) for each in locate(text, result)]
        self.stat_update("documents")
        if result.removals:
            self.stat_update("changed")
        if result.flagged:
            self.stat_update("flagged")
        for removal in result.removals:
            self.stat_update(f"removals/{removal.category}", unit="removal")
            self.stat_update(f"characters/{removal.category}", value=removal.end - removal.start, unit="removal")
