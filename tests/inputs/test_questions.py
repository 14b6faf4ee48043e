"""A questions file and an image folder become examples; what cannot be read is said, not skipped."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from vpd.errors import UserError
from vpd.inputs.questions import QuestionFile
from vpd.records import Example


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.new("RGB", (40, 30), "red").save(folder / "a.png")
    return folder


def read(images: Path, *rows: Any, shard_size: int = 2, limit: int | None = None) -> list[list[Example]]:
    path = images.parent / "questions.jsonl"
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), encoding="utf-8")
    file = QuestionFile(path, images, shard_size, limit)
    return [file.examples(part) for part in file.slices()]


def question(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "image": "a.png", "question": "How many?", **more}


def test_one_image_and_one_answer_are_lists_of_one(images: Path):
    [[example]] = read(images, question("1", answer="2"))
    assert [image.path for image in example.images] == ["a.png"]
    assert (example.images[0].width, example.images[0].height) == (40, 30)
    assert example.answers == ("2",)


def test_questions_come_in_slices_of_fixed_size(images: Path):
    shards = read(images, *(question(str(i)) for i in range(5)))
    assert [[e.id for e in shard] for shard in shards] == [["0", "1"], ["2", "3"], ["4"]]


def test_blank_lines_do_not_count_and_a_limit_cuts(images: Path):
    shards = read(images, question("0"), "", "  ", question("1"), question("2"), limit=2)
    assert [[e.id for e in shard] for shard in shards] == [["0", "1"]]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"answer": "yes"}, "yes_no"),
        ({"answer": True}, "yes_no"),
        ({"answer": 3}, "number"),
        ({"answer": "red"}, "open"),
        ({"answer": "red", "choices": ["red", "blue"]}, "choice"),
        ({}, "open"),
        ({"answer": "yes", "answer_type": "open"}, "open"),
    ],
)
def test_the_answer_type_is_what_the_row_says_or_else_what_the_answer_looks_like(
    images: Path, row: dict[str, Any], expected: str
):
    [[example]] = read(images, question("1", **row))
    assert example.answer_type == expected


def test_true_is_yes(images: Path):
    [[example]] = read(images, question("1", answer=True))
    assert example.answers == ("yes",)


def test_without_an_answer_a_question_is_unlabelled(images: Path):
    [[none, empty]] = read(images, question("1", answer=None), question("2"))
    assert none.answers == empty.answers == ()


def test_size_is_that_of_the_picture_as_it_is_shown(images: Path):
    picture = Image.new("RGB", (40, 30))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(images / "turned.jpg", exif=exif)
    [[example]] = read(images, question("1", image="turned.jpg"))
    assert (example.images[0].width, example.images[0].height) == (30, 40)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gone.png", "does not exist"),
        ("../questions.jsonl", "lies outside"),
        ("/etc/passwd", "lies outside"),
        ("text.png", "cannot be read"),
    ],
)
def test_an_image_that_cannot_be_used_is_the_rows_problem_alone(images: Path, name: str, problem: str):
    (images / "text.png").write_text("not an image")
    [[bad, good]] = read(images, question("1", image=name), question("2"))
    assert problem in (bad.problem or "")
    assert good.problem is None


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{not json", "line 2: not JSON"),
        ("[1, 2]", "line 2: a question must be a JSON object"),
        ('"text"', "line 2: a question must be a JSON object"),
        ({"image": "a.png", "question": "?"}, "line 2: `id`"),
        ({"id": "x", "image": "a.png"}, "line 2: `question`"),
        ({"id": "x", "question": "?"}, "line 2: `images`"),
        ({"id": "x", "question": "?", "image": "a.png", "answer_type": "colour"}, "line 2: `answer_type`"),
    ],
)
def test_a_malformed_line_is_named(images: Path, row: Any, complaint: str):
    with pytest.raises(UserError, match="questions.jsonl, " + complaint.replace("(", r"\(")):
        read(images, question("0"), row)


def test_an_id_that_occurs_twice_is_named_with_both_lines(images: Path):
    with pytest.raises(UserError, match="'a'.* line 1 and again on line 3"):
        read(images, question("a"), question("b"), question("a"))


def test_an_empty_file_and_a_missing_folder_are_said(images: Path, tmp_path: Path):
    with pytest.raises(UserError, match="holds no questions"):
        read(images, "")
    with pytest.raises(UserError, match="does not exist"):
        QuestionFile(tmp_path / "q.jsonl", tmp_path / "gone", 1)
    with pytest.raises(UserError, match="cannot read"):
        list(QuestionFile(tmp_path / "gone.jsonl", images, 1).slices())


def test_a_slice_changes_its_fingerprint_with_its_lines_and_its_images_only(images: Path):
    path = images.parent / "questions.jsonl"
    Image.new("RGB", (8, 8)).save(images / "b.png")

    def prints(second: str) -> list[str]:
        rows = [question("1"), question("2", image="b.png", question=second)]
        path.write_text("\n".join(map(json.dumps, rows)))
        file = QuestionFile(path, images, 1)
        return [file.fingerprint(part) for part in file.slices()]

    before = prints("What?")
    assert prints("What?") == before
    changed = prints("Who?")
    assert (changed[0] == before[0], changed[1] == before[1]) == (True, False)
    Image.new("RGB", (9, 9)).save(images / "b.png")
    assert prints("What?")[1] != before[1]


class TestAVideoFile:
    @pytest.fixture
    def video(self, images: Path) -> str:
        with av.open(str(images / "clip.mp4"), "w") as container:
            stream = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for grey in range(0, 240, 8):
                picture = Image.new("RGB", (64, 48), (grey, grey, grey))
                container.mux(stream.encode(av.VideoFrame.from_image(picture)))
            container.mux(stream.encode())
        return "clip.mp4"

    def asked(self, video: str, **more: Any) -> dict[str, Any]:
        return {"id": "v", "video": video, "question": "What happens?", **more}

    def test_its_frames_are_the_images_in_time_order(self, images: Path, video: str):
        [[example]] = read(images, self.asked(video, frames=4))
        assert example.video
        brightness = [Image.open(images / each.path).getpixel((9, 9))[0] for each in example.images]
        assert len(brightness) == 4
        assert brightness == sorted(brightness)

    def test_sixteen_are_taken_where_nothing_is_said(self, images: Path, video: str):
        [[example]] = read(images, self.asked(video))
        assert len(example.images) == 16

    def test_they_are_made_once(self, images: Path, video: str):
        [[first]] = read(images, self.asked(video, frames=2))
        times = [(images / each.path).stat().st_mtime_ns for each in first.images]
        [[again]] = read(images, self.asked(video, frames=2))
        assert again == first
        assert [(images / each.path).stat().st_mtime_ns for each in again.images] == times

    @pytest.mark.parametrize("name", ["absent.mp4", "../clip.mp4", "a.png.mp4"])
    def test_one_that_cannot_be_had_is_the_problem_of_its_row(self, images: Path, video: str, name: str):
        (images / "a.png.mp4").write_bytes(b"no video")
        [[broken, sound]] = read(images, self.asked(name), question("1"))
        assert broken.problem is not None
        assert name in broken.problem
        assert sound.problem is None
