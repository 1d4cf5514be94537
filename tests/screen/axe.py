"""Load axe-core, which checks pages for accessibility, and read the faults it finds.

axe-core comes from the npm registry and is not part of the package. The archive stays in the cache
folder and is used only if it has the checksum below.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import urllib.request
from pathlib import Path

VERSION = "4.14.1"
ADDRESS = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
#: The sha512 checksum that the registry publishes for this version.
INTEGRITY = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
SERIOUS = ("critical", "serious")


def source() -> str:
    """Return axe-core's script; raise ``OSError`` if it cannot be loaded or was changed."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "two-borders-tests"
    stored = folder / f"axe-core-{VERSION}.tgz"
    archive = stored.read_bytes() if stored.is_file() else b""
    if not _is_genuine(archive):
        with urllib.request.urlopen(ADDRESS, timeout=180) as answer:
            archive = answer.read()
        if not _is_genuine(archive):
            raise OSError(f"{ADDRESS} does not have the checksum that is written in axe.py")
        folder.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(archive)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        script = files.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


def _is_genuine(archive: bytes) -> bool:
    """Return whether an archive has the registry's checksum."""
    return base64.b64encode(hashlib.sha512(archive).digest()).decode() == INTEGRITY


def faults(page, script: str) -> list[str]:
    """Return the critical and serious faults of a page."""
    page.evaluate(f"window.axe || (() => {{ {script} }})()")
    rules = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} {node['html'][:200]}"
        for rule in rules
        for node in rule["nodes"]
        if rule["impact"] in SERIOUS
    ]
