"""How the pull of a site fades with the time on the way: weights between 1 and 0.

A decay is any function from an array of minutes to an array of weights, element by element. Those
that are known by name are made for a catchment; :func:`step` makes one from zones of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from provision_map.errors import UsageError

Floats = npt.NDArray[np.float64]
Decay = Callable[[Floats], Floats]

#: Luo & Qi (2009), slow decay: weights of a near, a middle and a far zone (10, 20, 30 minutes).
ZONES = (1.0, 0.68, 0.22)
#: Minutes weighed at once: as many as stay in a core's cache, and no second array of all pairs.
_BLOCK = 1 << 15


def uniform(catchment_minutes: float) -> Decay:
    """Weigh every minute of the catchment alike: 1 up to and including its edge, 0 beyond.

    Source: Luo & Wang (2003), Environment and Planning B 30(6), 865-884.

    >>> uniform(20.0)(np.array([0.0, 20.0, 20.1]))
    array([1., 1., 0.])
    """

    def weigh(minutes: Floats) -> Floats:
        return (minutes <= catchment_minutes).astype(np.float64)

    return weigh


def gaussian(catchment_minutes: float) -> Decay:
    """Weigh by the truncated Gaussian: 1 at the door, exactly 0 at the catchment's edge and beyond.

    W(d) = (e^{-½(d/d0)²} − e^{-½}) / (1 − e^{-½}) for d ≤ d0. Source: Dai (2010), Health & Place
    16(5), 1038-1052.

    >>> gaussian(20.0)(np.array([0.0, 10.0, 20.0, 30.0])).round(4)
    array([1.    , 0.7014, 0.    , 0.    ])
    """
    edge = math.exp(-0.5)

    def weigh(minutes: Floats) -> Floats:
        out = minutes / catchment_minutes
        out *= out
        out *= -0.5
        np.exp(out, out=out)
        out -= edge
        # Beyond the edge, and by a rounding at it, the difference is below 0.
        np.maximum(out, 0.0, out=out)
        out /= 1.0 - edge
        return out

    return weigh


def step(zones: Mapping[float, float]) -> Decay:
    """Weigh by zones: each ends, inclusive, at so many minutes; beyond the last the weight is 0.

    Source: Luo & Qi (2009), Health & Place 15(4), 1100-1107.

    Args:
        zones: weight of a zone by the minutes at which it ends.

    Raises:
        UsageError: no zones, an end that is no number of minutes, or a weight outside 0 to 1.

    >>> step({10: 1.0, 20: 0.68, 30: 0.22})(np.array([0.0, 10.0, 10.1, 30.0, 31.0]))
    array([1.  , 1.  , 0.68, 0.22, 0.  ])

    """
    ends = np.array(sorted(zones), dtype=float)
    weights = np.array([zones[end] for end in sorted(zones)], dtype=float)
    if not len(ends) or not (np.isfinite(ends).all() and ends[0] >= 0):
        raise UsageError(f"Zones of a decay end at so many minutes, 0 or more: {dict(zones)}.")
    if not ((weights >= 0) & (weights <= 1)).all():
        raise UsageError(f"Weights of zones lie between 0 and 1: {dict(zones)}.")
    beyond = np.append(weights, 0.0)

    def weigh(minutes: Floats) -> Floats:
        # "left": a time that is the end of a zone is still in it.
        return np.asarray(beyond[np.searchsorted(ends, minutes, side="left")], dtype=np.float64)

    return weigh


def thirds(catchment_minutes: float) -> Decay:
    """Weigh by three zones, a third of the catchment each: 1, 0.68, 0.22.

    For a catchment of 30 minutes these are the zones of Luo & Qi (2009), with their slow decay.

    >>> thirds(30.0)(np.array([10.0, 20.0, 30.0, 31.0]))
    array([1.  , 0.68, 0.22, 0.  ])
    """
    near, middle, far = ZONES
    third = catchment_minutes / 3
    return step({third: near, 2 * third: middle, catchment_minutes: far})


#: Decays that are known by name; each is made for a catchment of so many minutes.
DECAYS: dict[str, Callable[[float], Decay]] = {
    "gaussian": gaussian,
    "uniform": uniform,
    "step": thirds,
}


def make_decay(decay: str | Decay, *, catchment_minutes: float) -> Decay:
    """Return the decay of that name for a catchment; a function is its own.

    Raises:
        UsageError: there is no decay of that name.

    """
    if callable(decay):
        return decay
    if decay not in DECAYS:
        raise UsageError(
            f"No decay is called {decay!r}. Use one of: {', '.join(DECAYS)}; "
            "or give a function of minutes."
        )
    return DECAYS[decay](catchment_minutes)


def weigh(minutes: Floats, decay: Decay) -> Floats:
    """Weigh each of many minutes.

    Raises:
        UsageError: the decay does not return a weight between 0 and 1 for each minute.

    """
    out = np.empty(len(minutes), dtype=np.float64)
    for start in range(0, len(minutes), _BLOCK):
        block = minutes[start : start + _BLOCK]
        weights = np.asarray(decay(block))
        if weights.shape != block.shape:
            raise UsageError(
                "The decay does not give one weight for each of an array of minutes. "
                "Write it with array operations, or wrap it: numpy.vectorize(decay)."
            )
        # Written so that NaN fails too.
        if not (weights.min() >= 0 and weights.max() <= 1):
            raise UsageError("The decay gives weights that are not between 0 and 1.")
        out[start : start + _BLOCK] = weights
    return out
