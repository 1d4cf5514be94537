"""Build hook of a platform wheel: it adds kernels that are compiled for any processor.

The hook is off by default: ``uv build`` makes a wheel for all platforms. CONTRIBUTING.md has
the command. The kernels are used only if the sources, the versions of Python, numba and llvmlite
and the platform are those of the build (``agents.kernel_cache``); else they are compiled as usual.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Commands that together call all kernels.
_RUN = ("run", "--scenario", "classroom", "--scale", "1000", "--days", "30")
COMMANDS = (_RUN, (*_RUN, "--set", "governments.mexico=strategic"))
_ANY_CPU = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}


class CompiledKernels(BuildHookInterface):
    """Run small cases and add the kernels that they compile to the wheel."""

    _folder = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the kernels and declare a wheel of this platform.

        Args:
            version: version of the build target.
            build_data: settings of the wheel; changed.
        """
        if version == "editable":
            return
        self._folder = tempfile.mkdtemp()
        environment = {**os.environ, **_ANY_CPU, "NUMBA_CACHE_DIR": self._folder}
        for words in COMMANDS:
            command = [sys.executable, "-m", "viz.cli", *words]
            subprocess.run(
                command, cwd=self.root, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        for file in Path(self._folder).glob("*/*.nb[ic]"):
            target = f"agents/_kernels/{file.parent.name}/{file.name}"
            build_data["force_include"][str(file)] = target
        build_data["pure_python"], build_data["infer_tag"] = False, True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder.

        Args:
            version: version of the build target.
            build_data: settings of the wheel.
            artifact_path: path of the wheel.
        """
        if self._folder:
            shutil.rmtree(self._folder)
