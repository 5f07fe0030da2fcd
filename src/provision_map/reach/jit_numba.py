"""How the kernels of this room are compiled. Imported only where numba is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile to run without the interpreter's lock, so that threads really run at once.

    The result is kept on disk (0.3 s to load, 3 s to compile); where no folder can be written to,
    each process compiles for itself.
    """
    try:
        kernel = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba found no folder for its cache
        kernel = numba.njit(nogil=True)(function)
    return cast("Callable[_P, _R]", kernel)
