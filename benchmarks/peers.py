"""The tools that bodycopy is measured beside, each as it is commonly called; what is not installed is left out.

`pip install datatrove justext trafilatura`, and ripgrep as `rg`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

Call = Callable[[], object]

POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4(text: str) -> str:
    """Keep the lines that the rules of C4 keep (Raffel et al. 2020, section 2.2), line by line."""

    def keep(line: str) -> bool:
        low = line.lower()
        return (
            line.endswith((".", "?", "!", '"'))
            and not line.endswith("...")
            and len(line.split()) >= 5
            and "javascript" not in low
            and not any(p in low for p in POLICY)
        )

    return "\n".join(line for line in map(str.strip, text.split("\n")) if keep(line))


def text_tools(texts: Sequence[str]) -> dict[str, Call]:
    """Return the tools that read text, and how each goes over some texts."""
    tools: dict[str, Call] = {"plain C4 loop": lambda: [c4(text) for text in texts]}
    if find_spec("datatrove"):
        tools["datatrove, `C4QualityFilter`"] = datatrove(texts)
    return tools


def datatrove(texts: Sequence[str]) -> Call:
    from datatrove.data import Document  # noqa: PLC0415 - a peer
    from datatrove.pipeline.filters import C4QualityFilter  # noqa: PLC0415

    chosen = C4QualityFilter(filter_no_terminal_punct=True, split_paragraph=True, min_num_sentences=-1)
    return lambda: [chosen.filter(Document(text=text, id="")) for text in texts]


def search_tools(texts: Sequence[str], phrases: Iterable[str], folder: Path) -> dict[str, Call]:
    """Return the tools that only look for lines that are phrases. Their start, with all phrases, is in their time."""
    if not shutil.which("rg"):
        return {}
    (folder / "phrases").write_text("\n".join(sorted(set(phrases))), encoding="utf-8")
    (folder / "texts").write_text("\n".join(texts), encoding="utf-8", errors="replace")
    command = ["rg", "-c", "-j1", "-x", "-F", "-i", "-f", str(folder / "phrases"), str(folder / "texts")]
    found = "`rg -c -x -F -i -f`, the phrases of the rules"
    return {found: lambda: subprocess.run(command, capture_output=True, check=False)}


def html_tools(stop_words: Iterable[str]) -> dict[str, Callable[[str], str | None]]:
    """Return the tools that find the article in HTML. jusText knows running text by the stop words of its language."""
    tools: dict[str, Callable[[str], str | None]] = {}
    if find_spec("trafilatura"):
        import trafilatura  # noqa: PLC0415 - a peer

        tools["trafilatura, `extract`"] = trafilatura.extract
    if find_spec("justext"):
        import justext  # noqa: PLC0415 - a peer

        listed = frozenset(stop_words)
        tools["jusText, `justext`"] = lambda html: "\n".join(
            paragraph.text for paragraph in justext.justext(html, listed) if not paragraph.is_boilerplate
        )
    return tools
