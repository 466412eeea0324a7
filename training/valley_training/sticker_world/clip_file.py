"""Scenes as mp4 files, for evaluation sets and demos: the pictures of training, in the whole frame, through a real codec."""

from __future__ import annotations

import subprocess
from pathlib import Path

from valley_training.sticker_world.art import Atlas
from valley_training.sticker_world.render import all_times, frame_size, render_frames
from valley_training.sticker_world.scene import Scene

CLIP_SIDE_PIXELS = 224
# Of H.264's scale: 23 is x264's own choice.
DEFAULT_QUALITY = 23


def write_clip(
    scene: Scene, path: Path, atlas: Atlas | None = None, side: int = CLIP_SIDE_PIXELS, quality: int = DEFAULT_QUALITY
) -> None:
    """Draws every frame of a scene into an H.264 mp4. Frames go to ffmpeg one by one, so a long clip needs no memory."""
    width, height = frame_size(scene, side, whole=True)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    command += ["-r", str(scene.frames_per_second), "-i", "pipe:0", "-c:v", "libx264", "-crf", str(quality)]
    command += ["-pix_fmt", "yuv420p", "-bitexact", "-movflags", "+faststart", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for picture in render_frames(scene, all_times(scene), side, atlas, whole=True):
            process.stdin.write(picture.tobytes())
        process.stdin.close()
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, command)
