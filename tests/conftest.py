"""What the tests share: the built-in rules, and what is kept of them from one start to the next."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bodycopy import Cleaner
from bodycopy.loader import Loaded, load

# Where the machine is busy with other tests, an example takes as long as it takes.
settings.register_profile("beside others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside others")

OF_THE_USER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@contextmanager
def _cache_home(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture(scope="session", autouse=True)
def of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for all that is started here, in this process and in others.

    Such a folder has room for so much. The packs of many tests would drive out of the user's what is kept of the
    built-in rules, and what takes long to make would be made again and again.
    """
    folder = tmp_path_factory.mktemp("cache")
    with _cache_home(folder):
        yield folder


@pytest.fixture(scope="session", autouse=True)
def installed_as_it_is() -> Iterator[None]:
    """Let `pip` compile nothing, wherever a test installs something: of most of it nothing is ever imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_COMPILE", "0")  # pip turns on by a false value what it calls "no"
        yield


@pytest.fixture(autouse=True)
def as_if_started_before(of_the_run: Path) -> None:
    """Begin each test with what is in the user's cache folder, and with nothing that another test made."""
    theirs, ours = (home / "bodycopy" for home in (OF_THE_USER, of_the_run))
    ours.mkdir(mode=0o700, exist_ok=True)
    kept, have = _files(theirs), _files(ours)
    for name, _ in have - kept:
        (ours / name).unlink(missing_ok=True)
    for name, _ in kept - have:
        with suppress(FileNotFoundError):  # another process has put a newer one in its place
            _link(theirs / name, ours / name)


def _files(folder: Path) -> set[tuple[str, int]]:
    """Return the names of the files in a folder, each with the time at which it was written or last used."""
    found = set()
    for file in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            found.add((file.name, file.stat().st_mtime_ns))
    return found


def _link(there: Path, here: Path) -> None:
    try:
        here.hardlink_to(there)
    except OSError:  # on another file system
        shutil.copy2(there, here)


@pytest.fixture(scope="session")
def builtin_packs(of_the_run: Path) -> Loaded:
    """The built-in packs with all that stands in them; kept in the user's cache folder."""
    with _cache_home(OF_THE_USER):
        return load()


@pytest.fixture(scope="session")
def cleaner(builtin_packs: Loaded) -> Cleaner:
    """A cleaner with the built-in rules; what is started in another process finds the same packs and tables kept."""
    with _cache_home(OF_THE_USER):
        return Cleaner()


@pytest.fixture(scope="session")
def headline_cleaner(of_the_run: Path) -> Cleaner:
    """The same with the rules for headlines, which must be asked for."""
    with _cache_home(OF_THE_USER):
        return Cleaner(also=["headline"])


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C be heeded by what a test starts: tests that run in the background ignore it, and that is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
