"""Means over seeds with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

# 97.5 % points of Student's t, by degrees of freedom.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
_NORMAL = 1.960


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds; `half` is half of its 95 % interval, None where one seed says nothing about it."""

    mean: float
    half: float | None
    seeds: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.half is not None and abs(self.mean) > self.half


def estimate(values: list[float]) -> Estimate:
    """Mean and interval by Student's t: few seeds make wide intervals."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Estimate(mean, None, count)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    factor = _STUDENT[count - 2] if count - 2 < len(_STUDENT) else _NORMAL
    return Estimate(mean, factor * math.sqrt(variance / count), count)


def difference(values: dict[int, float], others: dict[int, float]) -> Estimate | None:
    """Of two arms, seed by seed: what seeds share drops out. None where they share none."""
    shared = sorted(values.keys() & others.keys())
    return estimate([values[seed] - others[seed] for seed in shared]) if shared else None


def percent(found: Estimate | None, signed: bool = False) -> str:
    """`61 ± 4`, in hundredths; without an interval of one seed."""
    if found is None:
        return "–"
    mean = 100 * found.mean
    text = f"{mean:+.0f}" if signed else f"{mean:.0f}"
    # Minus nought is nought.
    text = "0" if text in ("-0", "+0") else text
    return text.replace("-", "−") + ("" if found.half is None else f" ± {100 * found.half:.0f}")
