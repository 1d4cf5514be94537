"""Internal functions that compile only as part of a kernel, which optimises their code once.

Numba optimises every compiled function, links it into the functions that call it, and optimises it
again there, once per level of the calls, and generates machine code at every level. A function that
only other compiled functions call needs neither: the kernel that contains its code does both.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import LoweringPass, register_pass
from numba.core.typed_passes import AnnotateTypes


class _NoMachineCode:
    """The part of a code generator that a library without machine code uses."""

    def set_env(self, env_name: str, env: Any) -> None:
        """Do nothing; the kernel that contains the code sets the environment."""


class DeferredLibrary(JITCodeLibrary):
    """Code of an internal function and of those that it calls, for the kernels that call it."""

    @property
    def codegen(self) -> Any:
        """Return a code generator without machine code."""
        return _NoMachineCode()

    def finalize(self) -> None:
        """Link the functions that this one calls, without optimising them."""
        self._raise_if_finalized()
        for library in dict.fromkeys(self._linking_libraries):
            if hasattr(library, "_reload_init"):  # numba 0.61 has none
                self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0, since the function has no machine code."""
        self._ensure_finalized()
        return 0


@register_pass(mutates_CFG=False, analysis_only=True)
class _DeferCode(LoweringPass):
    """Put the code of the function into a library without machine code."""

    _name = "defer_code"

    def __init__(self) -> None:
        LoweringPass.__init__(self)

    def run_pass(self, state: Any) -> Any:
        """Set the library before the lowering pass creates one; the function is unchanged."""
        state.library = DeferredLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return False


class Deferring(CompilerBase):
    """Numba's pipeline with a library without machine code."""

    def define_pipelines(self) -> list[Any]:
        """Return the pipeline."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_DeferCode, AnnotateTypes)
        passes.finalize()
        return [passes]
