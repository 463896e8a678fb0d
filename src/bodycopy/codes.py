"""What `bodycopy rules check` can find: each code with its meaning, a wrong pack and a right one.

One table, because packs name the codes too (`allow`). A code never changes its meaning and is never used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bodycopy.errors import BodycopyError, nearest

__all__ = ["CODES", "Code", "UnknownCodeError", "code_named"]


class UnknownCodeError(BodycopyError, ValueError):
    """A code or a name that no finding has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A kind of finding. `wrong` and `right` are rules of a pack, as they stand below `rules:`."""

    code: str
    name: str
    summary: str
    why: str
    wrong: str
    right: str

    @property
    def explanation(self) -> str:
        """The summary, the reason, and a wrong and a right example."""
        parts = (f"{self.code} {self.name}", self.summary, self.why, "Wrong:", _indented(self.wrong), "Right:")
        return "\n\n".join([*parts, _indented(self.right)])


def code_named(word: str) -> Code:
    """Return the kind of finding with this code or name, whatever its letter case. Raises UnknownCodeError.

    >>> code_named("bc201").name
    'shadowed-in-block'
    """
    known = {**CODES, **{code.name: code for code in CODES.values()}}
    found = CODES.get(word.upper()) or known.get(word.lower())
    if found is None:
        hint = nearest(word.upper() if word[:2].upper() == "BC" else word.lower(), known)
        raise UnknownCodeError(f'no code "{word}"; {hint}')
    return found


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True)).rstrip()


_ALL: Final = (
    Code(
        code="BC101",
        name="never-matches",
        summary="A pattern that matches no line.",
        why=(
            "A line holds no line break. Under `line`, `lines`, `from`, `to` and `until` a pattern covers the "
            "line without the white space around it, so it cannot ask for white space at an end either. `^` and "
            "`$` stand for the ends of the line, and nothing can come before the one or after the other."
        ),
        wrong=r"""- id: share
  line: /\s+share this story/
""",
        right=r"""- id: share
  line: /share this story/
""",
    ),
    Code(
        code="BC102",
        name="guard-never-met",
        summary="A pattern whose own text does not meet a guard of its rule.",
        why=(
            "`words`, `sentence` and `unless` look at the line that the pattern covers. Where the text of the "
            "phrase does not meet them, the rule never acts on that phrase. Widen the guard, or write the phrase "
            "in a rule of its own."
        ),
        wrong="""- id: privacy
  line: Read our privacy policy to learn more
  words: ..3
""",
        right="""- id: privacy
  line: Read our privacy policy to learn more
  words: ..8
""",
    ),
    Code(
        code="BC103",
        name="always-protected",
        summary="A pattern whose own text a `keep` rule protects.",
        why=(
            "A line on which a `keep` pattern matches is seen by no other rule. Drop the pattern, or make the "
            "`keep` pattern narrower."
        ),
        wrong="""- id: ingredients
  keep: /cups? of/
- id: promotion
  line: Win two cups of our coffee
""",
        right=r"""- id: ingredients
  keep: /^\d+ cups? of/
- id: promotion
  line: Win two cups of our coffee
""",
    ),
    Code(
        code="BC201",
        name="shadowed-in-block",
        summary="A pattern whose text another pattern of the same block matches.",
        why=(
            "It changes nothing, and who reads the block takes it for a case of its own. Delete it. Letter case, "
            "the kind of quotes and dashes, white space, a bullet before and ornaments after a phrase never "
            "count."
        ),
        wrong="""- id: view-all
  line: |
    View * comments
    View all comments
  words: ..6
""",
        right="""- id: view-all
  line: |
    View * comments
  words: ..6
""",
    ),
    Code(
        code="BC202",
        name="shadowed-by-rule",
        summary="A pattern whose text another rule finds under the same guards or weaker ones.",
        why=(
            "Whatever it finds, the other rule removes anyway. Delete it here or there, or give the one a place or "
            "a guard that tells the two apart. Rules are compared that are of one category and not of two "
            "languages, because those are chosen and written one without the other; and the other rule must be on "
            "by default."
        ),
        wrong="""- id: anywhere
  line: Leave a reply below
- id: in-the-tail
  line: Leave a reply below
  where: tail
""",
        right="""- id: in-the-tail
  line: Leave a reply below
  where: tail
""",
    ),
    Code(
        code="BC301",
        name="slow",
        summary="A pattern that needs no fixed letters.",
        why=(
            "One search for the fixed letters of all patterns finds the few lines that are worth a try. A pattern "
            "without any is tried on every line of every text. Add letters that must be there, write classes of "
            "many letters as alternatives, or find the line by `shape`."
        ),
        wrong=r"""- id: count
  line: /\d+ \p{L}+/
""",
        right=r"""- id: count
  line: /\d+ (?:comments|replies)/
""",
    ),
    Code(
        code="BC302",
        name="backtracking",
        summary="A pattern that takes too long on a short text.",
        why=(
            "It was tried on short texts made of its own parts, with an end that does not fit, and exceeded its "
            "time on one of them. On a longer line it takes for ever, and a rule that takes more than ten seconds "
            "leaves the whole document as it is. Such patterns repeat alternatives that match the same text, as in "
            "`(a|aa)+`. Let no two alternatives begin with the same character, or write a class in their place, or "
            "bound the repeats, as in `{1,20}`."
        ),
        wrong=r"""- id: tags
  line: |
    /tags(?: |tag|\w)+#/
""",
        right=r"""- id: tags
  line: |
    /tags[ \w]+#/
""",
    ),
    Code(
        code="BC401",
        name="common-words",
        summary="A phrase of few common words, without a guard.",
        why=(
            "A line of an article, of a poem or of a dialogue may say the same. Words count as common by word "
            "counts in 28 languages, whatever `lang` says, because texts come in all of them; a number or a sign is "
            "no word at all. Judged are `line`, `lines` with one pattern, `from` that runs to the end of the text "
            "(up to two words), and `span` (up to three), and a regular expression by each of its texts if they are "
            "few, unless it asks for capitals. A guard tells the label from the text: `where`, `after`, `before`, "
            "`near`, `site`, `score`, `share`, or `words` together with `sentence`."
        ),
        wrong="""- id: share
  line: Share
""",
        right="""- id: share
  line: Share
  where: edge
""",
    ),
    Code(
        code="BC402",
        name="open-ended",
        summary="A phrase that ends in `*` and may take in a sentence.",
        why=(
            '"More from *" also hits "More from her than from him was heard that night." Say that the line is '
            "short (`words`) or that it ends no sentence (`sentence: false`)."
        ),
        wrong="""- id: more
  line: |
    More from *
""",
        right="""- id: more
  line: |
    More from *
  words: ..8
  sentence: false
""",
    ),
    Code(
        code="BC501",
        name="idle-unless",
        summary="An `unless` that no text of the rule can meet.",
        why=(
            "The rule finds fixed phrases, and on none of them does the pattern match: it protects nothing. It "
            "looks at the line that the rule finds, never at its neighbours. Delete it, or correct it."
        ),
        wrong="""- id: reply
  line: Leave a reply below
  unless: desk
""",
        right="""- id: reply
  line: Leave a reply below *
  words: ..8
  unless: desk
""",
    ),
    Code(
        code="BC502",
        name="idle-disable",
        summary="A `disable` that names no rule.",
        why=(
            "It switches nothing off: the rule is not among those loaded, or the name is mistyped. A category, a "
            "full id and a glob on full ids are understood."
        ),
        wrong="""disable: sharing/folow/*
""",
        right="""disable: sharing/follow/*
""",
    ),
    Code(
        code="BC503",
        name="idle-change",
        summary="A change of a rule that changes nothing.",
        why="The rule has the pattern already, or a pack switches the rule off. Delete the change.",
        wrong="""- extend: comments/wpdiscuz/view-all
  add: View all comments
""",
        right="""- extend: comments/wpdiscuz/view-all
  add: Read all comments
""",
    ),
    Code(
        code="BC504",
        name="idle-allow",
        summary="An `allow` that silences nothing.",
        why=(
            "What it excused is gone, or it stands at another rule. Delete it, so that it cannot hide the next "
            "mistake. This finding cannot be silenced."
        ),
        wrong="""- id: reply
  line: Leave a reply below
  allow: {BC401: on this site the label stands by itself}
""",
        right="""- id: reply
  line: Reply
  allow: {BC401: on this site the label stands by itself}
""",
    ),
    Code(
        code="BC601",
        name="no-example",
        summary="A rule without examples.",
        why=(
            "Examples are a rule's proof, and show who reads it what it is for. One text that goes and the "
            "nearest innocent one that stays are enough."
        ),
        wrong="""- id: reply
  line: Leave a reply below
""",
        right="""- id: reply
  line: Leave a reply below
  examples:
    - remove: Leave a reply below
    - keep: Leave a reply below the mat, she wrote.
""",
    ),
    Code(
        code="BC602",
        name="no-removal",
        summary="A rule without an example of what it removes.",
        why="Nothing proves that it finds anything. Add a `remove`, or a `text` with what it `leaves`.",
        wrong="""- id: reply
  line: Leave a reply below
  examples:
    - keep: Leave a reply below the mat, she wrote.
""",
        right="""- id: reply
  line: Leave a reply below
  examples:
    - remove: Leave a reply below
    - keep: Leave a reply below the mat, she wrote.
""",
    ),
    Code(
        code="BC603",
        name="no-innocent",
        summary="A rule without an example of what stays.",
        why=("Nothing proves that it spares the article. Add the `keep` that comes nearest to what the rule removes."),
        wrong="""- id: reply
  line: Leave a reply below
  examples:
    - remove: Leave a reply below
""",
        right="""- id: reply
  line: Leave a reply below
  examples:
    - remove: Leave a reply below
    - keep: Leave a reply below the mat, she wrote.
""",
    ),
)

CODES: Final[Mapping[str, Code]] = MappingProxyType({code.code: code for code in _ALL})
"""Every kind of finding by its code."""
