"""The run of rules' examples, told as pytest tells a run of tests, and as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final
from xml.etree import ElementTree

from bodycopy.examples import Coverage, Failure, Proof
from bodycopy.report.explanation import explanation
from bodycopy.report.terminal import counted

__all__ = ["closing", "coverage_lines", "failure_lines", "junit", "progress", "summary_lines"]

_WIDTH: Final = 80
_ROOM: Final = _WIDTH - len(" [100%]")
_ACROSS: Final = "keep examples of other rules"
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def progress(proofs: Iterable[Proof], total: int) -> Iterator[str]:
    """Yield a line for each pack as soon as its examples are run: a dot for each that holds, `F` for a failure."""
    done = 0
    for suite, of_suite in groupby(proofs, _suite):
        line = f"{suite} "
        for proof in of_suite:
            done += proof.example is not None
            line += "F" if proof.failure else "."
            if len(line) >= _ROOM:
                yield _with_percent(line, done, total)
                line = ""
        if line:
            yield _with_percent(line, done, total)


def failure_lines(proofs: Iterable[Proof], *, quiet: bool) -> Iterator[str]:
    """Yield each failure, and unless `quiet` its example with what went of it marked; nothing if there is none."""
    for number, failure in enumerate(_failures(proofs)):
        if number == 0 and not quiet:
            yield from ("", _heading("FAILURES"))
        elif not quiet:
            yield ""
        yield str(failure)
        if not quiet:
            yield from _shown(failure)


def coverage_lines(coverage: Coverage, *, quiet: bool) -> Iterator[str]:
    """Yield a line for each pattern that no example fires, and the count of the others."""
    if not quiet:
        yield from ("", _heading("coverage"))
    for rule, pattern in coverage.idle:
        yield f'{pattern.file}:{pattern.line}:{pattern.column}: {rule.id}: no example fires "{pattern.source}"'
    yield f"{coverage.fired:,} of {counted(coverage.patterns, 'pattern')} fired"


def summary_lines(proofs: Iterable[Proof]) -> Iterator[str]:
    """Yield the name of each failure; nothing if there is none."""
    for number, proof in enumerate(proof for proof in proofs if proof.failure):
        if number == 0:
            yield from ("", _heading("short summary"))
        yield f"FAILED {proof.place}: {_name(proof)}"


def closing(rules: int, examples: int, proofs: Iterable[Proof], seconds: float) -> str:
    """Return the last line."""
    failures = sum(1 for _ in _failures(proofs))
    totals = ", ".join((counted(rules, "rule"), counted(examples, "example"), counted(failures, "failure")))
    return f"{totals} in {seconds:.2f} s"


def junit(proofs: Sequence[Proof], seconds: float) -> bytes:
    """Return the run as JUnit XML: a suite for each pack, a case for each example."""
    root = _element("testsuites", proofs, name="bodycopy rules test", time=f"{seconds:.3f}")
    for suite, group in groupby(proofs, _suite):
        of_suite = list(group)
        parent = _element("testsuite", of_suite, name=suite, errors="0", skipped="0")
        parent.extend(map(_case, of_suite))
        root.append(parent)
    ElementTree.indent(root)
    # The text of a rule file is text for any parser once it is ASCII with references.
    xml: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return xml + b"\n"


def _suite(proof: Proof) -> str:
    return _ACROSS if proof.across else proof.rule.file


def _with_percent(line: str, done: int, total: int) -> str:
    return f"{line:<{_ROOM}} [{100 * done // total if total else 100:3}%]"


def _heading(title: str) -> str:
    return f" {title} ".center(_WIDTH, "=")


def _failures(proofs: Iterable[Proof]) -> Iterator[Failure]:
    return (proof.failure for proof in proofs if proof.failure)


def _shown(failure: Failure) -> list[str]:
    """Return the example as `bodycopy explain` shows a text."""
    if failure.attempt is None:
        return []
    text = explanation(*failure.attempt.excerpt(), colour=False)
    return [f"    {line}".rstrip() for line in text.rstrip("\n").split("\n")]


def _name(proof: Proof) -> str:
    return f"{proof.rule.id} {proof.kind or 'fires'}"


def _element(tag: str, proofs: Sequence[Proof], **attributes: str) -> ElementTree.Element:
    failures = sum(1 for _ in _failures(proofs))
    named = {name: _xml(value) for name, value in attributes.items()}
    return ElementTree.Element(tag, named, tests=str(len(proofs)), failures=str(failures))


def _case(proof: Proof) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_xml(proof.rule.id),
        name=_xml(f"{_name(proof)} {proof.place.line}"),
        file=_xml(proof.place.file),
        line=str(proof.place.line),
    )
    if proof.failure:
        failure = ElementTree.SubElement(case, "failure", message=_xml(str(proof.failure)))
        failure.text = _xml("\n".join(["", *_shown(proof.failure), ""]))
    return case


def _xml(text: str) -> str:
    """Return a text without what XML cannot hold; that stands as escapes, as it does on the terminal."""
    return _NO_XML.sub(lambda found: ascii(found.group())[1:-1], text)
