"""Records that pages quote are as new as the model, whose fingerprint covers the golden digests.

    python -m tests.docs.test_records FILE...

writes the current fingerprint after the files are renewed. A code change that leaves all golden
digests unchanged needs no new records.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path

import pytest

from tests.golden import digests

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "records" / "renewals.toml"
RENEWALS: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))


def fingerprint() -> str:
    """Return a hash over all golden digests, which changes whenever results change."""
    return hashlib.blake2b(repr(sorted(digests.read().items())).encode(), digest_size=8).hexdigest()


@pytest.mark.parametrize("file", RENEWALS)
def test_a_record_is_as_new_as_the_model(file: str):
    """If this test fails, run the command, write the record, and run this module with the file."""
    assert (ROOT / file).is_file()
    assert RENEWALS[file]["model"] == fingerprint(), f"renew with: {RENEWALS[file]['command']}"


def test_every_record_of_results_has_a_command():
    """The exception is `cluster.json`, which measures a machine instead of the model."""
    files = {path.relative_to(ROOT).as_posix() for path in TABLE.parent.glob("*.json")}
    assert files - {"docs/records/cluster.json"} <= RENEWALS.keys()


if __name__ == "__main__":
    RENEWALS |= {name: RENEWALS[name] | {"model": fingerprint()} for name in sys.argv[1:]}
    head = "# How each record is renewed, and the fingerprint of the model that it is made from.\n"
    rows = (
        f'["{n}"]\ncommand = "{r["command"]}"\nmodel = "{r["model"]}"\n'
        for n, r in RENEWALS.items()
    )
    TABLE.write_text("\n".join([head, *rows]), encoding="utf-8")
