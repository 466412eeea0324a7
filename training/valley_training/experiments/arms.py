"""The arms: what each run does otherwise than the others, and which arms answer which question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from valley_training.errors import TrainingError
from valley_training.experiments.network import Pooling
from valley_training.experiments.questions import KINDS

# both: phase 1, then phase 2. joined: as many steps in one phase, everything learns, the data mixed.
Phases = Literal["none", "first", "second", "both", "joined"]
Shares = tuple[tuple[str, float], ...]
ENGLISH: Shares = (("en", 1.0),)


@dataclass(frozen=True)
class Arm:
    """One way to train. Runs of one seed share tower, decoder, clips and, where they agree in it, phase 1."""

    name: str
    words: str
    pooling: Pooling = "transformer"
    frame_tokens: bool = True
    phases: Phases = "both"
    left_out: str | None = None
    languages: Shares = ENGLISH

    @property
    def kinds(self) -> dict[str, float]:
        """How often each kind of question is asked in phase 2."""
        return {kind: share for kind, share in KINDS.items() if kind != self.left_out}

    @property
    def phase1_name(self) -> str:
        """The same for arms that share a phase 1."""
        spoken = "-".join(f"{code}{round(100 * share)}" for code, share in self.languages)
        return f"phase1-{self.pooling}{'' if self.frame_tokens else '-alone'}-{spoken}"


_BASE = Arm("base", "two phases, v3, all kinds, English")
_POOLINGS = (
    Arm("mean", "v1 mean", pooling="mean"),
    Arm("importance", "v2 importance", pooling="importance"),
    Arm("max", "max", pooling="max"),
    Arm("none", "no pooling", pooling="none"),
)
_ALONE = (
    Arm("mean-alone", "v1 mean, no frame tokens", pooling="mean", frame_tokens=False),
    Arm("transformer-alone", "v3 transformer, no frame tokens", frame_tokens=False),
)
_PHASES = (
    Arm("untaught", "before phase 1", phases="none"),
    Arm("phase-1-alone", "after phase 1", phases="first"),
    Arm("phase-2-alone", "phase 2 without phase 1", phases="second"),
    Arm("one-phase", "one phase, as many steps", phases="joined"),
)
_LANGUAGES = (
    Arm("a-quarter-each", "a quarter of each language", languages=tuple((code, 0.25) for code in ("en", "es", "zh", "de"))),
    Arm(
        "mostly-english",
        "91 % English, 3 % of each other",
        languages=(("en", 0.91), ("es", 0.03), ("zh", 0.03), ("de", 0.03)),
    ),
)
_KINDS = tuple(replace(_BASE, name=f"without-{kind}", words=f"without {kind}", left_out=kind) for kind in KINDS)

# In the order in which they are run: a question with few arms is answered before one with many.
_ORDER = (
    "base none mean phase-2-alone one-phase a-quarter-each importance max untaught phase-1-alone without-motion without-order "
    "without-description without-count without-place without-presence without-things without-setting mean-alone "
    "transformer-alone mostly-english"
)
_EVERY = {arm.name: arm for arm in (_BASE, *_POOLINGS, *_ALONE, *_PHASES, *_LANGUAGES, *_KINDS)}
ARMS: dict[str, Arm] = {name: _EVERY[name] for name in _ORDER.split()}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "shapes": (),
    "probes": (),
    "retrieval": ("untaught", "phase-1-alone", "base", "phase-2-alone"),
    "pooling": ("base", *(arm.name for arm in (*_POOLINGS, *_ALONE))),
    "phases": ("base", "one-phase", "phase-2-alone"),
    "kinds": ("base", *(arm.name for arm in _KINDS)),
    "languages": ("base", *(arm.name for arm in _LANGUAGES)),
}


def arms_of(question: str, names: list[str] | None = None) -> list[Arm]:
    """The arms that answer a question ("all": every question), or those of them that are named.

    Raises TrainingError for a name that is no arm of the question."""
    known = list(ARMS) if question == "all" else [name for name in ARMS if name in QUESTIONS[question]]
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        allowed = ", ".join(known) or "none"
        raise TrainingError(f"arm {unknown[0]!r} is not one of '{question}'; it can be {allowed}")
    return [ARMS[name] for name in known if names is None or name in names]


def is_probed(arm: Arm) -> bool:
    """Whether it is also asked with its frames shuffled and about a clip that is not shown."""
    return arm.name in QUESTIONS["pooling"]


def is_asked_in_all_languages(arm: Arm) -> bool:
    """Whether it is asked in the other languages, too."""
    return arm.name in QUESTIONS["languages"]


def finds_captions(arm: Arm) -> bool:
    """Whether its clips look for their captions."""
    return arm.name in QUESTIONS["retrieval"]
