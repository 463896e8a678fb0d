"""A rule's proof: its examples, run.

A `remove` text is put into a neutral article at the place where its rule acts, and every line of it must go; a
`keep` text at the head, in the middle and at the tail, and nothing of it may go, whatever rule would do it. A `text`
is a document of its own, of which `leaves` must be left. Blank lines do not count. The fail-safe for texts that
would lose nearly everything is off here.
"""

from bodycopy.examples.coverage import Coverage, coverage_of
from bodycopy.examples.running import Failure, Proof, Proving, run_examples
from bodycopy.examples.settings import CARRIER, Attempt, Kind

__all__ = ["CARRIER", "Attempt", "Coverage", "Failure", "Kind", "Proof", "Proving", "coverage_of", "run_examples"]
