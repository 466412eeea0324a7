"""A clip in words, frame by frame: what the decoder reads before it can see. Names, colours, places and sizes are there,
so that all the language of the world can be learnt without a picture."""

from __future__ import annotations

from collections.abc import Sequence

from valley_training.data.frame_times import in_tenths
from valley_training.sticker_training.labels import place_words
from valley_training.sticker_world.scene import Scene, placed


def notes_of(scene: Scene, times: Sequence[float]) -> str:
    """`in the sky` is `sky`; `cat red far left upper 3` is a red cat whose size is about three tenths of the frame."""
    lines = []
    setting = ""
    for time in times:
        shot = scene.shot_at(time)
        parts = []
        for one in placed(scene, time):
            if one.inside:
                role = shot.roles[one.role]
                colour = f" {role.colour}" if role.colour else ""
                parts.append(f"{role.thing}{colour} {' '.join(place_words(one.x, one.y))} {round(one.size * 10)}")
        changed = "" if shot.setting == setting else f" {shot.setting}:"
        setting = shot.setting
        lines.append(f"{in_tenths(time)}{changed} {', '.join(parts)}")
    return "<vi_start>" + "; ".join(lines) + "<vi_end>"
