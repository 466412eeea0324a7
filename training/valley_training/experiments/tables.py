"""Tables in Markdown, a function for each question, from the results of its runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from valley_training.experiments.arms import ARMS, QUESTIONS
from valley_training.experiments.config import ExperimentConfig
from valley_training.experiments.intervals import Estimate, difference, estimate, percent
from valley_training.experiments.network import POOLINGS
from valley_training.experiments.probes import READERS, TARGETS, Probe
from valley_training.experiments.questions import KINDS
from valley_training.experiments.results import Result
from valley_training.experiments.retrieval import RANKS
from valley_training.experiments.shapes import (
    LENGTHS,
    PUBLISHED_CONTEXT,
    measure_shapes,
    most_frames,
    published_parameters,
    published_positions,
)

ALL = "all kinds"
BASE = "base"
# What the arm that all questions share is called among the others of each.
_BASE_WORDS = {
    "retrieval": "after phase 2",
    "pooling": "v3 transformer",
    "phases": "two phases",
    "kinds": ALL,
    "languages": "English alone",
}
Results = dict[str, list[Result]]  # by arm
Figure = Callable[[Result], float | None]


def by_arm(results: Iterable[Result], names: Iterable[str]) -> Results:
    """The results of some arms; those without any are left out."""
    found: Results = {name: [] for name in names}
    for result in results:
        if result.arm in found:
            found[result.arm].append(result)
    return {name: sorted(own, key=lambda one: one.seed) for name, own in found.items() if own}


def words_of(question: str, arms: Iterable[str]) -> dict[str, str]:
    """What each of a question's arms is called in its table and its plot."""
    return {name: _BASE_WORDS[question] if name == BASE else ARMS[name].words for name in arms}


def kind_share(kind: str, code: str = "en", part: str = "right") -> Figure:
    """The figure of a kind of question; of ALL, the mean of all kinds."""

    def figure(result: Result) -> float | None:
        shares = result.right.get(code, {}) if part == "right" else getattr(result, part)
        return (sum(shares.values()) / len(shares) if shares else None) if kind == ALL else shares.get(kind)

    return figure


def recall_at(rank: int) -> Figure:
    """The figure of a rank of the retrieval."""
    return lambda result: result.recall.get(str(rank))


def by_seed(results: list[Result], figure: Figure) -> dict[int, float]:
    """A figure of each seed that has it."""
    return {result.seed: value for result in results if (value := figure(result)) is not None}


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table; the first column is words, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def shapes_table(config: ExperimentConfig) -> str:
    """Question 1."""
    shapes = {(shape.pooling, shape.frames): shape for shape in measure_shapes(config)}
    head = ["visual tokens of a clip of … frames", *map(str, LENGTHS)]
    rows = [[_pooling_words(pooling), *(str(shapes[pooling, length].in_all) for length in LENGTHS)] for pooling in POOLINGS]
    small = markdown(head, rows)
    head = ["positions in the prompt of the published sizes", *map(str, LENGTHS), f"longest in {PUBLISHED_CONTEXT:,}", "learns"]
    rows = [
        [
            _pooling_words(pooling),
            *(f"{published_positions(pooling, length):,}" for length in LENGTHS),
            f"{most_frames(pooling):,}",
            f"{published_parameters(pooling):,}",
        ]
        for pooling in POOLINGS
    ]
    return f"{small}\n{markdown(head, rows)}"


def retrieval_table(results: Iterable[Result]) -> str:
    """Question 2."""
    arms = by_arm(results, QUESTIONS["retrieval"])
    head = ["clip finds its caption, %", *(f"recall at {rank}" for rank in RANKS), "seeds"]
    words = words_of("retrieval", arms)
    rows = [
        [words[name], *(_mean(own, recall_at(rank)) for rank in RANKS), _seeds(own)]
        for name, own in arms.items()
    ]
    return markdown(head, rows)


def pooling_table(results: Iterable[Result]) -> str:
    """Question 3: right answers, then those with the frames shuffled and about another clip, then poolings against others."""
    arms = by_arm(results, QUESTIONS["pooling"])
    words = words_of("pooling", arms)
    tables = [_kinds_table(arms, words, "right answers, %")]
    head = ["right answers, %", "motion", "motion, frames shuffled", "order", "order, frames shuffled", "motion, another clip"]
    figures = [
        kind_share("motion"),
        kind_share("motion", part="shuffled"),
        kind_share("order"),
        kind_share("order", part="shuffled"),
        kind_share("motion", part="swapped"),
    ]
    rows = [[words[name], *(_mean(own, one) for one in figures)] for name, own in arms.items()]
    tables.append(markdown(head, rows))
    tables.append(_changes_table(arms, words))
    # What pooling loses: each pooling less no pooling at all. Then each less the one that Valley has.
    for reference, title in (("none", "less no pooling, points"), (BASE, "less v3 transformer, points")):
        if reference in arms:
            tables.append(_differences_table(arms, reference, words, title))
    return "\n".join(tables)


def phases_table(results: Iterable[Result]) -> str:
    """Question 4."""
    arms = by_arm(results, QUESTIONS["phases"])
    words = words_of("phases", arms)
    tables = [_kinds_table(arms, words, "right answers, %")]
    if BASE in arms:
        tables.append(_differences_table(arms, BASE, words, "less two phases, points"))
    return "\n".join(tables)


def kinds_table(results: Iterable[Result]) -> str:
    """Question 5: what each kind of question loses without each kind of data."""
    arms = by_arm(results, QUESTIONS["kinds"])
    words = words_of("kinds", arms)
    tables = [_kinds_table({name: own for name, own in arms.items() if name == BASE}, words, "right answers, %")]
    if BASE in arms:
        tables.append(_differences_table(arms, BASE, words, "less all kinds, points"))
    return "\n".join(tables)


def languages_table(results: Iterable[Result]) -> str:
    """Question 6."""
    arms = by_arm(results, QUESTIONS["languages"])
    codes = {"en": "English", "es": "Spanish", "zh": "Chinese", "de": "German"}
    words = words_of("languages", arms)
    head = ["right answers of all kinds, %, asked in", *codes.values(), "seeds"]
    rows = [
        [words[name], *(_mean(own, kind_share(ALL, code)) for code in codes), _seeds(own)]
        for name, own in arms.items()
    ]
    tables = [markdown(head, rows)]
    if BASE in arms:
        tables.append(_differences_table(arms, BASE, words, "asked in English, less English alone, points"))
    for name, own in arms.items():
        head = [f"{words[name]}: right answers, %, asked in", *codes.values()]
        rows = [[kind, *(_mean(own, kind_share(kind, code)) for code in codes)] for kind in KINDS]
        tables.append(markdown(head, rows))
    return "\n".join(tables)


def probes_table(probes: list[Probe]) -> str:
    """Question 3, what is left to be read; then what each reader has less than the one that gets everything."""
    targets = list(TARGETS)
    rows = [
        [reader, *(percent(estimate([probe.right[reader][target] for probe in probes])) for target in targets)]
        for reader in (READERS if probes else ())
    ]
    if probes:
        rows.append(["guess", *(percent(estimate([probe.guess[target] for probe in probes[:1]])) for target in targets)])
    tables = [markdown(["read right, %", *targets], rows)]
    *others, all_of_it = READERS
    rows = []
    for reader in others if probes else ():
        cells = []
        for target in targets:
            mine, full = ({one.seed: one.right[name][target] for one in probes} for name in (reader, all_of_it))
            cells.append(_marked(difference(mine, full)))
        rows.append([reader, *cells])
    tables.append(markdown(["less all of it, points", *targets], rows))
    return "\n".join(tables)


TABLES: dict[str, Callable[[Iterable[Result]], str]] = {
    "retrieval": retrieval_table,
    "pooling": pooling_table,
    "phases": phases_table,
    "kinds": kinds_table,
    "languages": languages_table,
}


def _kinds_table(arms: Results, words: dict[str, str], title: str) -> str:
    columns = [*KINDS, ALL]
    rows = [
        [words[name], *(_mean(own, kind_share(kind)) for kind in columns), _seeds(own)]
        for name, own in arms.items()
    ]
    return markdown([title, *columns, "seeds"], rows)


def _differences_table(arms: Results, reference: str, words: dict[str, str], title: str) -> str:
    """Differences seed by seed; those whose interval leaves zero out are bold."""
    columns, rows = [*KINDS, ALL], []
    for name, own in arms.items():
        if name == reference:
            continue
        cells = []
        for kind in columns:
            found = difference(by_seed(own, kind_share(kind)), by_seed(arms[reference], kind_share(kind)))
            cells.append(_marked(found))
        rows.append([words[name], *cells])
    return markdown([title, *columns], rows)


def _changes_table(arms: Results, words: dict[str, str]) -> str:
    """What is lost where the frames are shuffled or another clip is shown, seed by seed."""
    columns = (("motion", "shuffled"), ("order", "shuffled"), ("motion", "swapped"))
    head = ["less the clip as it is, points", "motion, frames shuffled", "order, frames shuffled", "motion, another clip"]
    rows = []
    for name, own in arms.items():
        figures = [(kind_share(kind, part=part), kind_share(kind)) for kind, part in columns]
        cells = [_marked(difference(by_seed(own, changed), by_seed(own, as_it_is))) for changed, as_it_is in figures]
        rows.append([words[name], *cells])
    return markdown(head, rows)


def _marked(found: Estimate | None) -> str:
    """A difference, bold where its interval leaves zero out."""
    text = percent(found, signed=True)
    return f"**{text}**" if found is not None and found.is_clear else text


def _mean(results: list[Result], figure: Figure) -> str:
    values = list(by_seed(results, figure).values())
    return percent(estimate(values) if values else None)


def _seeds(results: list[Result]) -> str:
    return str(len(results))


def _pooling_words(pooling: str) -> str:
    return ARMS[pooling].words if pooling in ARMS else _BASE_WORDS["pooling"]
