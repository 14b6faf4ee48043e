"""A crash leaves no half of a file under its name."""

from pathlib import Path

import pytest

from vpd.evaluation.files import write_whole


def test_a_file_is_replaced_only_once_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "folder" / "file.json"
    write_whole(path, b"first")
    write = Path.write_bytes

    def torn(self: Path, data: bytes) -> int:
        write(self, data[:3])
        raise OSError("as if it were killed")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", torn)
        with pytest.raises(OSError, match="killed"):
            write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]
