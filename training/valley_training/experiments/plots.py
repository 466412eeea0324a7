"""A picture for each question, from the same results as its table."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_training.experiments.arms import QUESTIONS
from valley_training.experiments.intervals import Estimate, difference, estimate
from valley_training.experiments.network import POOLINGS
from valley_training.experiments.probes import READERS, TARGETS, Probe
from valley_training.experiments.questions import KINDS
from valley_training.experiments.results import Result
from valley_training.experiments.retrieval import RANKS
from valley_training.experiments.shapes import LENGTHS, PUBLISHED_CONTEXT, published_positions
from valley_training.experiments.tables import ALL, BASE, Results, by_arm, by_seed, kind_share, recall_at, words_of
from valley_training.loop.files import replace_file

_DOTS = 110
# Black words cannot be read on cells of more points than this.
_DARK_POINTS = 60


def draw(question: str, results: Iterable[Result], path: Path) -> bool:
    """Writes a question's picture as PNG; False when there is nothing to show yet."""
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    if question == "shapes":
        _shapes(axes)
    else:
        arms = by_arm(results, QUESTIONS[question])
        if BASE not in arms:
            return False
        drawn = {"retrieval": _retrieval, "pooling": _kinds, "phases": _kinds, "kinds": _losses, "languages": _languages}
        drawn[question](axes, arms, words_of(question, arms))
    _save(figure, path)
    return True


def draw_probes(probes: list[Probe], path: Path) -> bool:
    """The picture of the probes; False when there are none yet."""
    if not probes:
        return False
    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    rows = {
        reader: [estimate([probe.right[reader][target] for probe in probes]) for target in TARGETS] for reader in READERS
    }
    _bars(axes, list(TARGETS), rows, {reader: reader for reader in READERS})
    for place, target in enumerate(TARGETS):
        axes.hlines(100 * probes[0].guess[target], place - 0.42, place + 0.42, colors="black", linestyles="dotted")
    axes.set(ylabel="read right, % (dotted: guessed)", ylim=(0, 100))
    _save(figure, path)
    return True


def _save(figure: Figure, path: Path) -> None:
    picture = io.BytesIO()
    figure.savefig(picture, dpi=_DOTS)
    replace_file(path, picture.getvalue())


def _shapes(axes: Axes) -> None:
    for pooling in ("transformer", "none"):
        words = "no pooling" if pooling == "none" else f"pooled ({', '.join(one for one in POOLINGS if one != 'none')})"
        axes.plot(LENGTHS, [published_positions(pooling, frames) for frames in LENGTHS], marker="o", label=words)
    axes.axhline(PUBLISHED_CONTEXT, color="grey", linestyle="--", label="context of the published models")
    axes.set(xscale="log", yscale="log", xlabel="frames", ylabel="positions in the prompt")
    axes.set_xticks(LENGTHS, map(str, LENGTHS), minor=False)
    axes.legend()


def _retrieval(axes: Axes, arms: Results, words: Mapping[str, str]) -> None:
    rows = {name: [_of(own, recall_at(rank)) for rank in RANKS] for name, own in arms.items()}
    _bars(axes, [f"recall at {rank}" for rank in RANKS], rows, words)
    axes.set(ylabel="clips that find their caption, %", ylim=(0, 100))


def _kinds(axes: Axes, arms: Results, words: Mapping[str, str]) -> None:
    columns = [*KINDS, ALL]
    _bars(axes, columns, {name: [_of(own, kind_share(kind)) for kind in columns] for name, own in arms.items()}, words)
    axes.set(ylabel="right answers, %", ylim=(0, 100))


def _languages(axes: Axes, arms: Results, words: Mapping[str, str]) -> None:
    codes = {"en": "English", "es": "Spanish", "zh": "Chinese", "de": "German"}
    rows = {name: [_of(own, kind_share(ALL, code)) for code in codes] for name, own in arms.items()}
    _bars(axes, list(codes.values()), rows, words)
    axes.set(ylabel="right answers of all kinds, %", ylim=(0, 100))


def _losses(axes: Axes, arms: Results, words: Mapping[str, str]) -> None:
    """A square for each kind left out and each kind asked: how many points it costs."""
    names, columns = [name for name in arms if name != BASE], [*KINDS, ALL]
    cells = np.full((len(names), len(columns)), np.nan)
    for row, name in enumerate(names):
        for column, kind in enumerate(columns):
            found = difference(by_seed(arms[name], kind_share(kind)), by_seed(arms[BASE], kind_share(kind)))
            if found is not None:
                cells[row, column] = 100 * found.mean
                text = f"{round(cells[row, column]):+d}" + ("*" if found.is_clear else "")
                colour = "white" if abs(cells[row, column]) > _DARK_POINTS else "black"
                axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.imshow(cells, cmap="RdBu", vmin=-100, vmax=100, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, fontsize=8)
    axes.set_yticks(range(len(names)), [words[name] for name in names], fontsize=8)
    axes.set(xlabel="asked (points more or less than with all kinds; * interval leaves zero out)")


def _bars(
    axes: Axes, columns: list[str], rows: Mapping[str, Sequence[Estimate | None]], words: Mapping[str, str]
) -> None:
    width = 0.8 / len(rows)
    for number, (name, estimates) in enumerate(rows.items()):
        places = np.arange(len(columns)) + (number - (len(rows) - 1) / 2) * width
        means = [100 * one.mean if one else np.nan for one in estimates]
        halves = [100 * (one.half or 0) if one else 0 for one in estimates]
        axes.bar(places, means, width, yerr=halves, label=words[name], error_kw={"linewidth": 0.8})
    axes.set_xticks(range(len(columns)), columns, fontsize=8)
    # Above the bars, for there is no corner that all plots leave free.
    axes.legend(fontsize=7, ncols=min(4, len(rows)), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)


def _of(results: list[Result], figure: object) -> Estimate | None:
    values = list(by_seed(results, figure).values())
    return estimate(values) if values else None
