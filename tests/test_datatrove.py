"""The datatrove step does what `bodycopy clean` does to the same records, in each of datatrove's executors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

if find_spec("datatrove") is None or find_spec("orjson") is None:
    pytest.skip("needs the extra datatrove, and orjson for its JSON lines", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("cleaner")

ROOT = Path(__file__).parents[1]
SITE_PACK = """\
category: trackers
rules:
  - id: masthead
    site: example.org
    line: The Masthead
"""
PIPELINE = """
    from datatrove.executor import LocalPipelineExecutor, RayPipelineExecutor, SlurmPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from bodycopy import Cleaner
    from bodycopy.integrations.datatrove import BodyCopy

    if __name__ == "__main__":
        pipeline = [
            JsonlReader("in", add_file_path=False),
            BodyCopy(Cleaner(["pack.yaml"]), url_field="url"),
            JsonlWriter("out", compression=None, expand_metadata=True),
        ]
        EXECUTOR.run()
"""
LOCAL = 'LocalPipelineExecutor(pipeline, tasks=2, workers=2, logging_dir="log")'
RAY = 'RayPipelineExecutor(pipeline, tasks=2, workers=2, logging_dir="log", mem_per_cpu_gb=0.1)'
SLURM = (
    'SlurmPipelineExecutor(pipeline, tasks=2, time="1:00:00", partition="any", logging_dir="log", '
    f'venv_path="{Path(sys.prefix) / "bin" / "activate"}")'
)
SBATCH = """\
#!/bin/bash
# Runs the tasks of an array one after another, and the job that waits for them not at all.
script="${@: -1}"
echo 7
case "$*" in *afterok*|*afterany*) exit;; esac
for task in 0 1; do SLURM_ARRAY_TASK_ID=$task SLURM_JOB_ID=7 SLURM_NODELIST=here bash "$script" >> tasks.txt 2>&1; done
"""
SRUN = '#!/bin/bash\nwhile [[ $1 != *_* ]]; do shift; done\nexec "$@"\n'


@pytest.fixture(autouse=True)
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make two files of records as datatrove writes them, of the seeds."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("pack.yaml").write_text(SITE_PACK)
    texts = [path.read_text() for path in sorted((ROOT / "seeds").iterdir())]
    for number in range(2):
        with Path(f"in/0000{number}.jsonl").open("w") as file:
            for text in [*texts[number::2], "The ferry runs again.\nThe Masthead", 'Grüße 中文 \\ "\t\u2028\n']:
                record = {"text": text, "id": f"é{number}", "url": f"https://example.org/{number}", "n": [1]}
                file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def run(executor: str, **environment: str) -> None:
    Path("pipeline.py").write_text(dedent(PIPELINE).replace("EXECUTOR", executor))
    process = subprocess.run(
        [sys.executable, "pipeline.py"], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr


def cleaned_here() -> dict[str, bytes]:
    """Return what the command line makes of the records."""
    command = ["clean", "in", "-o", "here", "--rules", "pack.yaml", "--url-field", "url"]
    subprocess.run([sys.executable, "-m", "bodycopy", *command, "--removed", "removed.jsonl"], check=True)
    return files("here")


def files(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def statistics() -> dict[str, Any]:
    (of_step,) = (each for each in json.loads(Path("log/stats.json").read_text()) if "BodyCopy" in each["name"])
    return {key: value["total"] if isinstance(value, dict) else value for key, value in of_step["stats"].items()}


def test_the_output_is_that_of_the_command_line_and_the_removals_are_counted() -> None:
    run(LOCAL)
    assert files("out") == cleaned_here()
    counts = statistics()
    log = [json.loads(line) for line in Path("removed.jsonl").read_text().splitlines()]
    for category in {entry["category"] for entry in log}:
        of_category = [entry for entry in log if entry["category"] == category]
        assert counts.pop(f"removals/{category}") == len(of_category)
        assert counts.pop(f"characters/{category}") == sum(entry["end"] - entry["start"] for entry in of_category)
    assert counts == {"documents": 9, "changed": len({(entry["doc"], entry["record"]) for entry in log})}


def test_what_was_removed_travels_in_the_metadata() -> None:
    from datatrove.data import Document

    from bodycopy import Cleaner
    from bodycopy.integrations.datatrove import BodyCopy

    text = "The ferry will run again on Sunday.\n\nimage beaconimage beacon"
    (document,) = BodyCopy(Cleaner(), removals_field="removed").run([Document(text, "1")])
    assert document.text == "The ferry will run again on Sunday."
    Path("one.jsonl").write_text(json.dumps({"text": text}))
    command = ["clean", "one.jsonl", "--removals-field", "removed"]
    written = subprocess.run([sys.executable, "-m", "bodycopy", *command], check=True, stdout=subprocess.PIPE).stdout
    assert document.metadata == {"removed": json.loads(written)["removed"]}


@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_in_the_executor_for_ray() -> None:
    run(RAY, RAY_ADDRESS="local", RAY_USAGE_STATS_ENABLED="0")
    assert files("out") == cleaned_here()


def test_in_the_executor_for_slurm(tmp_path: Path) -> None:
    """What is pickled and what each task runs are those of Slurm; the scheduler is a few lines of shell."""
    (tmp_path / "bin").mkdir()
    for name, script in (("sbatch", SBATCH), ("srun", SRUN), ("scontrol", "#!/bin/bash\necho here\n")):
        (tmp_path / "bin" / name).write_text(script)
        (tmp_path / "bin" / name).chmod(0o755)
    run(SLURM, PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert files("out") == cleaned_here()
