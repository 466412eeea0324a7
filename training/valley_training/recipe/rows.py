"""Rows of training data. Stages ask a `RowSource` for them; `Rows` is the one of files in the conversation form of LLaVA
and Valley: JSONL, read where they lie, checked at the start. A world that draws its clips gives `Row`s whose `clip` draws.

    {"id": "a1", "video": "birds.mp4", "conversations": [{"from": "human", "value": "What flies?\\n<video>"},
                                                         {"from": "gpt", "value": "Two birds."}]}

`image` (a file, or a list of files that are the frames of one clip) or `video`, or neither: a row of text alone.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from valley_training.data.clips import read_image, read_video
from valley_training.errors import TrainingError
from valley_training.recipe.config import RowFile

MARKS = {"image": "<image>", "video": "<video>"}


class Clip(Protocol):
    """What a row shows. `kind` says which mark stands for it and how its pictures are resized."""

    @property
    def kind(self) -> Literal["image", "video"]: ...

    def pictures(self, frames: int) -> list[np.ndarray]:
        """`frames` pictures of a video; of an image the one, of a list of images each. [H, W, 3] uint8 RGB, any size.
        The same every time: rows are asked anew in each epoch, in any worker process, and after a resume."""


@dataclass(frozen=True)
class ClipFiles:
    """One video, one image, or images that are frames."""

    kind: Literal["image", "video"]
    files: list[Path]

    def pictures(self, frames: int) -> list[np.ndarray]:
        if self.kind == "video":
            return read_video(self.files[0], frames)
        return [read_image(file) for file in self.files]


@dataclass(frozen=True)
class Row:
    """One conversation. `turns` are (question, answer); the clip's mark stands in one of the questions."""

    id: str
    clip: Clip | None
    turns: list[tuple[str, str]]

    @property
    def mark(self) -> str | None:
        return MARKS[self.clip.kind] if self.clip else None


class RowSource(Protocol):
    """Rows by number, which never change while a run is under way: their order is made from the numbers and the seed."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Row:
        """A row; called in worker processes. Raises TrainingError for one that cannot be used."""

    def check(self) -> None:
        """Called once before training. Raises TrainingError for whatever can be known to be wrong by then."""


class Rows:
    """All rows of some files, by number. Only where each line begins is kept in memory."""

    def __init__(self, files: list[RowFile]) -> None:
        self._files = files
        self._starts = [_line_starts(Path(file.file)) for file in files]
        self._ends = np.cumsum([len(starts) for starts in self._starts]).tolist()

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> Row:
        number = bisect_right(self._ends, index)
        local = index - (self._ends[number - 1] if number else 0)
        source = self._files[number]
        with Path(source.file).open("rb") as file:
            file.seek(int(self._starts[number][local]))
            return _row(file.readline(), source, f"{source.file} row {local + 1}")

    def check(self) -> None:
        """Reads every row once. Raises TrainingError for the first that is malformed or whose files are not there."""
        for row in self:
            for file in row.clip.files if isinstance(row.clip, ClipFiles) else []:
                if not file.is_file():
                    raise TrainingError(f"row {row.id} shows {file}, which is not there; fetch it or remove the row")

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))


def _line_starts(path: Path) -> np.ndarray:
    """Where each line that is not blank begins."""
    starts, position = [], 0
    try:
        with path.open("rb") as file:
            for line in file:
                if line.strip():
                    starts.append(position)
                position += len(line)
    except OSError as error:
        raise TrainingError(f"cannot read the rows of {path}: {error.strerror}; name a JSONL file") from error
    if not starts:
        raise TrainingError(f"{path} has no rows; name a JSONL file with one conversation a line")
    return np.array(starts, dtype=np.int64)


def _row(line: bytes, source: RowFile, where: str) -> Row:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise TrainingError(f"{where} is no JSON ({error}); one object a line is read, turn a list by jq -c '.[]'") from error
    if not isinstance(data, dict):
        raise TrainingError(f"{where} is {type(data).__name__}, it must be an object; turn a list into lines by jq -c '.[]'")
    clip = _clip(data, Path(source.clips), where)
    turns = _turns(data.get("conversations"), where)
    return Row(str(data.get("id", where)), clip, _with_mark(turns, MARKS[clip.kind] if clip else None, where))


def _clip(data: dict[str, Any], folder: Path, where: str) -> ClipFiles | None:
    kinds = [kind for kind in ("image", "video") if data.get(kind)]
    if not kinds:
        return None
    if len(kinds) == 2:
        raise TrainingError(f"{where} has an image and a video, it must have one of them; make two rows of it")
    value = data[kinds[0]]
    names = value if isinstance(value, list) and kinds[0] == "image" else [value]
    if not all(isinstance(name, str) for name in names):
        raise TrainingError(f"{where} has {kinds[0]} {value!r}, it must be a file name, for images also a list of them")
    # Published rows name a folder by `source`, and videos without the ending.
    if data.get("source") and (folder / str(data["source"])).is_dir():
        folder = folder / str(data["source"])
    files = [folder / name for name in names]
    if kinds[0] == "video" and not files[0].suffix:
        files = [files[0].with_suffix(".mp4")]
    return ClipFiles(kinds[0], files)  # type: ignore[arg-type]


def _turns(conversations: Any, where: str) -> list[tuple[str, str]]:
    """(question, answer) pairs."""
    if not isinstance(conversations, list) or not conversations or len(conversations) % 2:
        raise TrainingError(f"{where} needs conversations: a list of human and gpt by turns, each question with its answer")
    texts = []
    for index, entry in enumerate(conversations):
        wanted = ("human", "gpt")[index % 2]
        said = entry.get("from") if isinstance(entry, dict) else None
        if not isinstance(said, str) or said.lower() != wanted or not isinstance(entry.get("value"), str):
            problem = f"conversations[{index}] from {said!r}"
            raise TrainingError(f"{where} has {problem}, it must be from {wanted} with a text as value")
        texts.append(entry["value"])
    return list(zip(texts[::2], texts[1::2], strict=True))


def _with_mark(turns: list[tuple[str, str]], mark: str | None, where: str) -> list[tuple[str, str]]:
    """The clip's mark once, at the end of the first question where no question has it."""
    found = {text: sum(question.count(text) for question, _ in turns) for text in MARKS.values()}
    for text, count in found.items():
        if count > (1 if text == mark else 0):
            allowed = "one at most" if text == mark else "none, as the row has no such clip"
            raise TrainingError(f"{where} has {count} marks {text}, {allowed}; correct the row")
    if mark is None or found[mark]:
        return turns
    (question, answer), *rest = turns
    return [(f"{question}\n{mark}", answer), *rest]
