"""What users install is the wheel: it must carry the rules, and work without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("cleaner")
def test_the_built_wheel_cleans_a_text_in_a_fresh_environment(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT, cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)

    code = """
import bodycopy
from pathlib import Path
result = bodycopy.clean("The storm has passed.\\n\\nimage beaconimage beacon\\n")
assert "fresh" in bodycopy.__file__, bodycopy.__file__
assert result.text == "The storm has passed.\\n", result
print(result.removals[0].rule, result.removals[0].file)
"""
    assert run(python, "-c", code, cwd=tmp_path) == "trackers/beacons/image-beacons rules/trackers/beacons.yaml\n"

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The storm has passed.\n\nView all comments\n")
    run(python.parent / "bodycopy", "clean", "in", "-o", "out", "--report", "report.html", cwd=tmp_path)
    assert (tmp_path / "out" / "a.txt").read_text() == "The storm has passed.\n"
    assert "View all comments" in (tmp_path / "report.html").read_text()
