"""The error that a person can act on."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """What was seen, what is allowed, what to do; one line."""


def first_line(error: BaseException) -> str:
    """The first line of a library's message: the rest is its stack or its advice to programmers."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(": ") if lines else type(error).__name__
