"""The loss of a stage as CSV, and its curve as PNG."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib.figure import Figure

from valley_training.loop.files import replace_file


class LossLog:
    """One row a logged step: step, loss, learning rate, then the stage's own figures."""

    def __init__(self, path: Path, step: int) -> None:
        """Goes on after `step`: a run that was killed has rows past its checkpoint, which will come again."""
        self.path = path
        self.rows = [row for row in _read(path) if int(row["step"]) <= step]

    def add(self, step: int, loss: float, rate: float, figures: dict[str, float]) -> None:
        row = {"step": str(step), "loss": f"{loss:.5f}", "rate": f"{rate:.4g}"}
        self.rows.append(row | {name: f"{value:.4f}" for name, value in figures.items()})

    def write(self) -> None:
        """Writes the CSV as a whole."""
        if not self.rows:
            return
        text = io.StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(name for row in self.rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        replace_file(self.path, text.getvalue().encode())

    def draw(self, title: str) -> None:
        """Draws the loss, and the figures that are shares, beside the CSV."""
        if not self.rows:
            return
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        steps = [int(row["step"]) for row in self.rows]
        axes.plot(steps, [float(row["loss"]) for row in self.rows], color="tab:blue", linewidth=0.8)
        axes.set(title=title, xlabel="step", ylabel="loss")
        names = [name for name in self.rows[-1] if name not in ("step", "loss", "rate")]
        if names:
            shares = axes.twinx()
            shares.set(ylabel="share", ylim=(0, 1))
            for number, name in enumerate(names):
                values = [float(row.get(name) or "nan") for row in self.rows]
                shares.plot(steps, values, color=f"C{number + 1}", linewidth=0.8, label=name)
            shares.legend(loc="upper right")
        picture = io.BytesIO()
        figure.savefig(picture, dpi=100)
        replace_file(self.path.with_suffix(".png"), picture.getvalue())


def _read(path: Path) -> list[dict[str, str]]:
    """Rows of a log; a file that does not begin with the header of one counts as empty."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        return list(reader) if (reader.fieldnames or [])[:3] == ["step", "loss", "rate"] else []
