"""Frames of real files: which pictures of a video come, in which size, and what is told of broken ones."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from valley_training.data.clips import read_image, read_video, uniform_indices
from valley_training.data.pixels import resize_and_crop
from valley_training.errors import TrainingError


def write_greys(path: Path, greys: list[int], width: int = 32, height: int = 16) -> None:
    """A lossless video whose pictures are of one grey each."""
    pictures = np.concatenate([np.full((height, width, 3), grey, dtype=np.uint8).reshape(-1) for grey in greys])
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    command += ["-r", "10", "-i", "pipe:0", "-c:v", "libx264rgb", "-qp", "0", str(path)]
    subprocess.run(command, input=pictures.tobytes(), check=True)


def test_frames_are_spread_from_the_first_picture_to_the_last(tmp_path: Path) -> None:
    greys = list(range(20, 240, 20))
    write_greys(tmp_path / "clip.mp4", greys)
    frames = read_video(tmp_path / "clip.mp4", 4)
    assert [int(frame.mean()) for frame in frames] == [greys[index] for index in (0, 3, 6, 10)]
    assert frames[0].shape == (16, 32, 3)


def test_a_video_shorter_than_asked_gives_pictures_twice(tmp_path: Path) -> None:
    write_greys(tmp_path / "clip.mp4", [40, 200])
    assert [int(frame.mean()) for frame in read_video(tmp_path / "clip.mp4", 4)] == [40, 40, 40, 200]


def test_indices_are_truncated_as_the_published_code_does() -> None:
    assert uniform_indices(10, 8) == [0, 1, 2, 3, 5, 6, 7, 9]


def test_an_image_comes_as_its_exif_turns_it(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4, 2), "red")
    exif = picture.getexif()
    exif[0x0112] = 6  # turn by a quarter
    picture.save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (4, 2, 3)


def test_the_square_is_from_the_middle() -> None:
    picture = np.zeros((10, 30, 3), dtype=np.uint8)
    picture[:, 10:20] = 255
    assert resize_and_crop(picture, 10, 10, "bilinear").min() == 255


@pytest.mark.parametrize(("name", "content"), [("broken.mp4", b"no video at all"), ("empty.mp4", b"")])
def test_a_video_that_cannot_be_decoded_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrainingError, match=rf"{name} cannot be decoded .*; replace the file or remove its row") as caught:
        read_video(tmp_path / name, 4)
    assert "\n" not in str(caught.value)


def test_an_image_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(TrainingError, match=r"broken\.png cannot be decoded"):
        read_image(tmp_path / "broken.png")
