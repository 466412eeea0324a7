"""Where scenes happen: names only; backgrounds.py draws them."""

from __future__ import annotations

PLACES = (
    *("sky", "night", "sea", "beach", "grass", "forest", "mountains", "snow", "desert", "city"),
    *("road", "room", "space", "rain", "sunset", "underwater"),
)
PLAIN_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "grey", "white")
PATTERNS = ("stripes", "dots", "checks", "noise")
SETTINGS = (*PLACES, *(f"plain-{colour}" for colour in PLAIN_COLOURS), *PATTERNS)

# Which settings are dark, and which are bright day: what "is it day or night?" asks.
DARK = ("night", "space")
DAYLIGHT = ("sky", "sea", "beach", "grass", "mountains", "snow", "desert", "road")


def colour_of_setting(setting: str) -> str | None:
    """The colour of a plain background, else None."""
    return setting.removeprefix("plain-") if setting.startswith("plain-") else None


def is_plain(setting: str) -> bool:
    """Whether nothing in the background would show that the camera moves."""
    return setting.startswith("plain-")
