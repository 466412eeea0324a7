"""How the commands of this package end: with a status, and one line for whatever went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable

from valley_training.errors import TrainingError

STOPPED = 3  # exit status: the piece is over; run again to go on
_FAILED = 1
_INTERRUPTED = 130  # as a shell has it after Ctrl-C


def end_in_one_line(command: Callable[[], int]) -> int:
    """Runs a command. Its exit status, or that of what ended it."""
    try:
        return command()
    except TrainingError as error:
        print(error, file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on from the last checkpoint", file=sys.stderr)
        return _INTERRUPTED


def tell_stopped(seconds: float, what: str | None = None) -> int:
    """Says that a piece is over. The status for it."""
    named = "" if what is None else f"{what}: "
    print(f"{named}stopped after {seconds:.0f} s; run the same command again to go on", file=sys.stderr)
    return STOPPED
