"""The modules stand in one order, and each imports only from those above it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "bodycopy"


def layers() -> list[str]:
    """Return the modules and packages in the order in which docs/design.md lists them."""
    listing = (ROOT / "docs" / "design.md").read_text().partition("src/bodycopy/\n")[2].partition("```")[0]
    return [name.removesuffix(".py").rstrip("/") for name in re.findall(r"^  ([\w/]+(?:\.py|/))", listing, re.M)]


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> set[str]:
    """Return the layers that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "bodycopy":
            names = [f"bodycopy.{alias.name}" for alias in node.names] if node.module == "bodycopy" else [node.module]
            found |= {layer_of(name or "") for name in names}
    return found - {"__version__"}


FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parts[-2:] != ("bodycopy", "__init__.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_from_those_above_it(path: Path) -> None:
    order = layers()
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    assert own in order, f"docs/design.md does not list {own}"
    allowed = {*order[: order.index(own)], own}
    assert imports(path) <= allowed


def test_every_listed_module_exists() -> None:
    assert [name for name in layers() if not ((SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file())] == []
