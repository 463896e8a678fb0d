"""Delete from scraped text what is not the article, by rules that anyone can read, test and add.

>>> import bodycopy
>>> result = bodycopy.clean("The storm has passed.\\n\\nimage beaconimage beacon")
>>> result.text, result.removals[0].rule
('The storm has passed.', 'trackers/beacons/image-beacons')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner, clean
    from bodycopy.errors import BodycopyError, Fault, RuleChoiceError, RuleFileError
    from bodycopy.loader import load_rules
    from bodycopy.model import Match, Outcome, Removal, Result

__all__ = [
    "BodycopyError",
    "Cleaner",
    "Fault",
    "Match",
    "Outcome",
    "Removal",
    "Result",
    "RuleChoiceError",
    "RuleFileError",
    "clean",
    "load_rules",
]

__version__ = "0.1.0"

_HOMES = {
    "bodycopy.cleaner": ("Cleaner", "clean"),
    "bodycopy.errors": ("BodycopyError", "Fault", "RuleChoiceError", "RuleFileError"),
    "bodycopy.loader": ("load_rules",),
    "bodycopy.model": ("Match", "Outcome", "Removal", "Result"),
}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: `bodycopy --version` must not load the engine."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
