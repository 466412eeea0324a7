"""Frames of video files and still images: which ones, decoded by ffmpeg and Pillow."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from valley_training.errors import TrainingError

# Without these, ffmpeg's fast conversion from YUV is off by up to 3 of 255.
EXACT_COLOUR = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
DECODE_TIMEOUT_SECONDS = 300
_PPM_HEADER = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


def uniform_indices(count: int, frames: int) -> list[int]:
    """`frames` indices evenly from the first picture to the last, truncated, as source (numpy linspace, astype int)."""
    return [int(value) for value in np.linspace(0, count - 1, frames)]


def read_image(path: Path) -> np.ndarray:
    """[H, W, 3] uint8 RGB, turned as its EXIF says. Raises TrainingError when it cannot be decoded."""
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise TrainingError(f"{path} cannot be decoded ({error}); replace the file or remove its row") from error


def read_video(path: Path, frames: int) -> list[np.ndarray]:
    """`frames` pictures [H, W, 3] uint8 RGB, evenly over the video; a short one gives some of them twice.
    Raises TrainingError when it cannot be decoded."""
    wanted = uniform_indices(_count_pictures(path), frames)
    chosen = sorted(set(wanted))
    select = "+".join(rf"eq(n\,{index})" for index in chosen)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:v:0"]
    command += ["-vf", f"select='{select}',scale=flags={EXACT_COLOUR}", "-fps_mode", "passthrough"]
    command += ["-frames:v", str(len(chosen)), "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"]
    pictures = _split_ppm(_run(command, path))
    if not pictures:
        raise TrainingError(f"{path} cannot be decoded (no picture came out); replace the file or remove its row")
    # A packet at the end may hold no picture of its own.
    return [pictures[min(chosen.index(index), len(pictures) - 1)] for index in wanted]


def _count_pictures(path: Path) -> int:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets"]
    command += ["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(path)]
    text = _run(command, path).decode().strip().strip(",")
    if not text.isdigit() or int(text) == 0:
        raise TrainingError(f"{path} cannot be decoded (it has no video stream); replace the file or remove its row")
    return int(text)


def _run(command: list[str], path: Path) -> bytes:
    try:
        return subprocess.run(command, check=True, capture_output=True, timeout=DECODE_TIMEOUT_SECONDS).stdout
    except FileNotFoundError as error:
        raise TrainingError(f"{command[0]} is not there; install ffmpeg 5.1 or later") from error
    except subprocess.TimeoutExpired as error:
        words = f"{command[0]} took more than {DECODE_TIMEOUT_SECONDS} s"
        raise TrainingError(f"{path} cannot be decoded ({words}); replace the file or remove its row") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {error.returncode}"])[-1]
        raise TrainingError(f"{path} cannot be decoded ({said}); replace the file or remove its row") from error


def _split_ppm(data: bytes) -> list[np.ndarray]:
    """Pictures of a stream of binary PPM files."""
    pictures, position = [], 0
    while header := _PPM_HEADER.match(data, position):
        width, height = int(header[1]), int(header[2])
        size = width * height * 3
        picture = np.frombuffer(data, dtype=np.uint8, count=size, offset=header.end()).reshape(height, width, 3)
        pictures.append(picture)
        position = header.end() + size
    return pictures
