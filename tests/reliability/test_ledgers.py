"""Damaged ledgers give the frame of the undamaged ledger, or are refused.

A ledger is damaged in many ways. Reading it, or continuing its sweep, gives the undamaged frame or
raises the project's own error. No other error occurs, and no wait is endless.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import sweep
from tests.reliability.cases import time_limit
from tests.reliability.ledgers import DESIGN, RUNS, artificial, frame_of, run_sweep
from tests.reliability.tries import TRIES

LONGEST_S = 180  # limit in seconds; a try takes less than a second
# A disk would make every try wait many times.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a complete ledger."""
    folder = tmp_path_factory.mktemp("whole")
    run_sweep(folder)
    return folder


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return half a ledger and its log, as a killed process leaves them."""
    folder, copy = tmp_path_factory.mktemp("killed"), tmp_path_factory.mktemp("copy")

    def stop(_: object) -> None:
        with SweepResults(folder) as store:
            if store.done == RUNS // 2:
                shutil.copytree(folder, copy, dirs_exist_ok=True)

    sweep(DESIGN, folder, executor="serial", run=artificial, on_result=stop)
    assert (copy / f"{FILE}-wal").stat().st_size
    return copy


# ---- kinds of damage -----------------------------------------------------------------------------

Damage = Callable[[Path, random.Random], None]


def truncated(file: Path, rng: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * rng.random())])


def cut_slightly(file: Path, rng: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * rng.uniform(0.9, 1.0))])


def flipped_bytes(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 1, 1, 2, 10, 100))):
        content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
    file.write_bytes(content)


def flipped_header(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 1, 3))):
        content[rng.randrange(112)] ^= 1 << rng.randrange(8)
    file.write_bytes(content)


def flipped_digit(file: Path, rng: random.Random) -> None:
    """Change one digit anywhere in the file, which SQLite cannot detect."""
    content = bytearray(file.read_bytes())
    digits = [k for k, byte in enumerate(content) if 48 <= byte <= 57]
    place = rng.choice(digits)
    content[place] = rng.choice([byte for byte in range(48, 58) if byte != content[place]])
    file.write_bytes(content)


def lost_page(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    start = 4096 * rng.randrange(max(1, len(content) // 4096))
    content[start : start + 4096] = rng.choice((b"\0" * 4096, rng.randbytes(4096)))
    file.write_bytes(content)


def swapped_pages(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    a, b = (4096 * rng.randrange(max(1, len(content) // 4096)) for _ in range(2))
    content[a : a + 4096], content[b : b + 4096] = content[b : b + 4096], content[a : a + 4096]
    file.write_bytes(content)


CHANGES = (
    "update runs set outcomes = zeroblob(9) where rowid = {row}",
    "update runs set digest = '5' where rowid = {row}",
    "update runs set outcomes = 'no json' where rowid = {row}",
    "update runs set cpu_s = 7 where rowid = {row}",
    "update runs set record = zeroblob(70000) where rowid = {row}",
    "update runs set key = 'other' where rowid = {row}",
    "update plan set inputs = '{{\"policy.fence\": 9.5}}' where place = {row}",
    "update plan set seed = seed + 1 where place = {row}",
    "update plan set key = (select key from plan where place = 0)",
    "delete from plan",
    "delete from meta where name = 'design'",
    "delete from meta",
    "update meta set value = '2' where name = 'format'",
    "update meta set value = '99999999999999999999' where name = 'reps'",
    "update meta set value = 'x' where name = 'reps'",
    "update meta set value = 'x' where name = 'design'",
    "delete from provenance",
    "alter table runs drop column digest",
    "drop table runs",
    "drop table plan",
    "drop table provenance",
    "create table more (a)",
    "create index other on runs (session)",
    "pragma user_version = 99",
    "pragma encoding = 'UTF-16'; vacuum",
)


def changed(file: Path, rng: random.Random) -> None:
    """Change rows or tables with SQL, as a person might with another program."""
    with contextlib.closing(sqlite3.connect(file)) as db, contextlib.suppress(sqlite3.Error):
        db.executescript(rng.choice(CHANGES).format(row=rng.randrange(1, RUNS)))


def replaced(file: Path, rng: random.Random) -> None:
    file.write_bytes(rng.choice((b"", b"a,b\n1,2\n", rng.randbytes(9000), file.read_bytes()[16:])))


def leftover(file: Path, rng: random.Random) -> None:
    """Leave an older journal or log next to the file."""
    file = file.with_name(FILE)
    content = file.read_bytes()
    kinds = (b"", rng.randbytes(5000), content[:8192], _log(file)[: rng.randrange(1, 60_000)])
    file.with_name(FILE + rng.choice(("-journal", "-wal", "-shm"))).write_bytes(rng.choice(kinds))
    if rng.random() < 0.3:
        truncated(file, rng)


def _log(file: Path) -> bytes:
    """Return the log of a connection that changed the file before it was killed."""
    copy = file.with_name("copy.sqlite")
    shutil.copy(file, copy)
    if (log := file.with_name(f"{FILE}-wal")).exists():
        shutil.copy(log, f"{copy}-wal")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("update runs set worker = 'another'")
        db.commit()
        content = copy.with_name("copy.sqlite-wal").read_bytes()
    copy.unlink()
    return content


def appended(file: Path, rng: random.Random) -> None:
    with file.open("ab") as opened:
        opened.write(rng.randbytes(rng.choice((1, 4096, 10_000))))


KINDS: tuple[Damage, ...] = (
    *(truncated, cut_slightly, flipped_bytes, flipped_header, flipped_digit, lost_page),
    *(swapped_pages, changed, replaced, leftover, appended),
)
SHARES = (3, 3, 6, 3, 6, 3, 2, 6, 0.7, 3, 1)

# ---- the tests -----------------------------------------------------------------------------------


def checked(folder: Path, expected: pd.DataFrame, *, exact: bool) -> tuple[bool, bool]:
    """Read a ledger and continue its sweep; return whether each step was accepted."""
    read = resumed = False
    with time_limit(LONGEST_S), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(SettingError):
            frame = frame_of(folder)
            if exact:
                assert_part_of(frame, expected)
            read = True
        with contextlib.suppress(SettingError):
            run_sweep(folder)
            pd.testing.assert_frame_equal(frame_of(folder), expected)
            with SweepResults(folder) as store:
                assert len(list(store.results())) == RUNS
            resumed = True
    return read, resumed


def assert_part_of(frame: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Check that all rows are rows of the undamaged frame."""
    same = expected[expected["key"].isin(frame["key"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame, same[list(frame)], check_dtype=bool(len(frame)))


@pytest.mark.parametrize("version", ["whole", "killed"])
def test_a_damaged_ledger_is_repaired_or_refused(
    version: str, request: pytest.FixtureRequest, record_property: Callable[..., None]
):
    source: Path = request.getfixturevalue(version)
    expected = frame_of(request.getfixturevalue("whole"))
    counts = {"accepted": 0, "refused": 0, "repaired": 0}
    for number in range(TRIES // 2):
        rng = random.Random(f"{version} {number}")
        (damage,) = rng.choices(KINDS, SHARES)
        with tempfile.TemporaryDirectory(dir=MEMORY) as name:
            folder = Path(shutil.copytree(source, Path(name) / "sweep"))
            log = folder / f"{FILE}-wal"
            damage(log if log.exists() and rng.random() < 0.5 else folder / FILE, rng)
            try:
                read, resumed = checked(folder, expected, exact=True)
            except Exception as error:
                raise AssertionError(f"try {number}, {damage.__name__}: {error!r}") from error
        counts["refused" if not resumed else "accepted" if read else "repaired"] += 1
    record_property("tried", TRIES // 2)
    for name, count in counts.items():
        record_property(name, count)
