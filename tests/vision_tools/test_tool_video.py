"""Frames of real video files, written for the test."""

from pathlib import Path

import av
import numpy as np
import pytest

from vision_tools.errors import ToolError
from vision_tools.video import sample_frames


def written(file: Path, frames: int, rate: int = 10, codec: str = "mpeg4") -> Path:
    """A video whose frame `i` has the grey level `4 * i`."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.gop_size = 12
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 4 * i, dtype=np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file


def shown(file: Path, count: int) -> list[int]:
    """Which frames were sampled, told by their grey level."""
    return [round(float(np.asarray(frame.image).mean()) / 4) for frame in sample_frames(file, count)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_frames_are_the_middles_of_equal_parts(tmp_path: Path, suffix: str) -> None:
    file = written(tmp_path / f"video{suffix}", frames=50)
    assert shown(file, 5) == pytest.approx([5, 15, 25, 35, 45], abs=1)
    frames = sample_frames(file, 5)
    assert [frame.seconds for frame in frames] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5], abs=0.11)
    assert all(frame.image.mode == "RGB" and frame.image.size == (64, 48) for frame in frames)


def test_a_short_video_gives_each_frame_once(tmp_path: Path) -> None:
    assert shown(written(tmp_path / "video.mp4", frames=4), 16) == pytest.approx([0, 1, 2, 3], abs=1)


def test_files_that_hold_no_frames_are_errors(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(ToolError, match=r"text\.mp4 cannot be decoded"):
        sample_frames(tmp_path / "text.mp4")
    with pytest.raises(ToolError, match=r"there is no video .*absent\.mp4"):
        sample_frames(tmp_path / "absent.mp4")
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        samples.rate = 8000
        container.mux(stream.encode(samples))
    with pytest.raises(ToolError, match=r"sound\.wav holds no video"):
        sample_frames(tmp_path / "sound.wav")


def test_a_video_cut_short_gives_what_can_be_seen_or_an_error(tmp_path: Path) -> None:
    whole = written(tmp_path / "video.mkv", frames=50)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert shown(cut, 5)[:2] == pytest.approx([5, 15], abs=1)
