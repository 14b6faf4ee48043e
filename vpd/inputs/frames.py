"""A video file → its frames as image files, made once."""

import hashlib
import os
import shutil
from pathlib import Path

from vision_tools.errors import ToolError
from vision_tools.video import sample_frames

FOLDER = ".frames"
"""Beside the videos, in the image folder."""


def frame_files(folder: Path, name: str, count: int) -> list[str]:
    """The names of a video's frames, evenly spread over its length and in time order; written unless they are there.

    They are named by the video's content and their number, so that a changed video gets new ones.

    Raises:
        ValueError: the video lies outside the folder, is absent or cannot be decoded, or nothing can be written.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"the video {name} lies outside the image folder")
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ValueError(f"the video {name} cannot be read: {error.strerror}") from error
    place = Path(FOLDER, f"{content[:24]}-{count}")
    if not (folder / place).is_dir():
        try:
            _write(path, folder / place, count)
        except (ToolError, OSError) as error:
            raise ValueError(f"the frames of the video {name} cannot be had: {error}") from error
    return sorted(str(place / each.name) for each in (folder / place).iterdir())


def _write(video: Path, place: Path, count: int) -> None:
    # Under another name first: a crash leaves no half of them, and processes do not meet.
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    part.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(sample_frames(video, count)):
        frame.image.save(part / f"{number:04}.jpg", quality=95, subsampling=0)
    try:
        part.rename(place)
    except OSError:
        if not place.is_dir():
            raise
        shutil.rmtree(part)  # another process was faster
