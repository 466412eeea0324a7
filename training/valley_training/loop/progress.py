"""How far a stage is: a bar on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

LINE_SECONDS = 10.0


class Progress:
    """Shows step, loss, figures and the time that is left, on stderr."""

    def __init__(self, name: str, step: int, steps: int, shown: bool) -> None:
        self._name, self._first, self._steps = name, step, steps
        self._started = self._last = time.monotonic()
        self._lines = shown and not sys.stderr.isatty()
        self._bar = tqdm(total=steps, initial=step, desc=name, unit="step") if shown and not self._lines else None

    def show(self, step: int, loss: float, figures: dict[str, float]) -> None:
        words = " ".join(f"{name} {value:.3f}" for name, value in figures.items())
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {loss:.4f} {words}", refresh=False)
            self._bar.update(step - self._bar.n)
        now = time.monotonic()
        if self._lines and (now - self._last > LINE_SECONDS or step == self._steps):
            self._last = now
            left = (self._steps - step) * (now - self._started) / (step - self._first)
            line = f"{self._name} {step}/{self._steps} loss {loss:.4f} {words} ETA {left / 60:.1f} min"
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
