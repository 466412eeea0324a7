"""How long a stage learns: until its seconds are used up, however fast the machine is, or for a number of steps.

The rate rises, stays, and falls at the end (a trapezoid). While it stays nobody needs to know how many steps there will be,
so the end is set by the clock when the first part of the seconds is over; from then on it is a number of steps like any
other, which is kept and can be written into a configuration to repeat the run."""

from __future__ import annotations

import json
from pathlib import Path

from valley_training.sticker_training.config import StageSettings

_LAST_SHARE = 0.02  # of the rate, at the end


class StageClock:
    """The time that a stage has learnt, over all pieces, and where its end is."""

    def __init__(self, settings: StageSettings, path: Path) -> None:
        self._settings, self._path = settings, path
        self.elapsed, self.cooldown_from, self.end = 0.0, None, None
        # Of this piece alone: another may have learnt on a slower machine.
        self._seconds, self._steps = 0.0, 0
        if path.exists():
            kept = json.loads(path.read_text())
            self.elapsed, self.cooldown_from, self.end = kept["elapsed"], kept["cooldownFrom"], kept["end"]
        if settings.steps:
            self.end = settings.steps
            self.cooldown_from = round(settings.steps * (1 - settings.cooldown_share))

    cooldown_from: int | None
    end: int | None

    def is_done(self, step: int) -> bool:
        return self.end is not None and step >= self.end

    def pass_time(self, seconds: float, step: int) -> None:
        """Counts the time of a step; sets the end when the rate's flat part is over."""
        self.elapsed += seconds
        self._seconds += seconds
        self._steps += 1
        share = self._settings.cooldown_share
        if self.end is None and self.elapsed >= (1 - share) * self._settings.seconds:
            self.cooldown_from = step
            self.end = max(step + 1, round(step / (1 - share))) if share < 1 else step + 1
            self.save()

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        settings = self._settings
        rate = settings.learning_rate * min(1.0, (step + 1) / max(1, settings.warmup_steps))
        if self.end is None or self.cooldown_from is None or step < self.cooldown_from:
            return rate
        left = (self.end - step) / max(1, self.end - self.cooldown_from)
        return rate * max(_LAST_SHARE, left)

    def seconds_left(self, step: int) -> float:
        """A guess."""
        if self.end is None:
            return max(0.0, self._settings.seconds - self.elapsed)
        return (self.end - step) * self._seconds / max(1, self._steps)

    def save(self) -> None:
        kept = {"elapsed": round(self.elapsed, 3), "cooldownFrom": self.cooldown_from, "end": self.end}
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(kept) + "\n")
        part.replace(self._path)
