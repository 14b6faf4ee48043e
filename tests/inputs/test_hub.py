"""Data sets of the hub become a questions file and an image folder; here they are folders in the same form."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.hub_data import jpeg, publish
from vpd.errors import UserError
from vpd.inputs.hub import fetch
from vpd.inputs.hub_tables import image_bytes
from vpd.inputs.questions import QuestionFile
from vpd.inputs.settings import DataSettings, HubSettings

pytest.importorskip("datasets")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


def data(folder: Path, *sources: dict[str, Any]) -> DataSettings:
    return DataSettings(
        questions=folder / "got" / "questions.jsonl",
        images=folder / "got" / "images",
        hub=tuple(HubSettings(**source) for source in sources),
    )


def rows(settings: DataSettings) -> list[dict[str, Any]]:
    return [json.loads(line) for line in settings.questions.read_text(encoding="utf-8").splitlines()]


PLAIN = [
    {"question": "How many cats?", "answer": "2", "image": jpeg("red")},
    {"question": "Is it day?", "answer": "yes", "image": jpeg("blue")},
    {"question": "Which colour?", "answer": "blue", "image": jpeg("blue")},
]


@pytest.mark.parametrize("streaming", [True, False])
def test_rows_become_questions_and_images_files_with_their_own_bytes(tmp_path: Path, streaming: bool) -> None:
    got = data(tmp_path, {"id": publish(tmp_path / "cats", {"default": PLAIN}), "streaming": streaming})
    fetch(got)
    assert [(row["id"], row["question"], row["answers"], row["source"]) for row in rows(got)] == [
        ("cats-0", "How many cats?", ["2"], "cats"),
        ("cats-1", "Is it day?", ["yes"], "cats"),
        ("cats-2", "Which colour?", ["blue"], "cats"),
    ]
    named = [row["images"][0] for row in rows(got)]
    assert [(got.images / name).read_bytes() for name in named] == [row["image"] for row in PLAIN]
    assert named[1] == named[2]
    file = QuestionFile(got.questions, got.images, shard_size=8)
    assert [each.problem for questions in file.slices() for each in file.examples(questions)] == [None] * 3


def test_images_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    asked = [{"id": f"q{n}", "imageId": f"i{n % 2}", "question": "What?", "answer": "x"} for n in range(3)]
    shown = [{"id": "i1", "image": jpeg("red")}, {"id": "i7", "image": jpeg("gold")}]
    shown.append({"id": "i0", "image": jpeg("blue")})
    source = {
        "id": publish(tmp_path / "GQA", {"instructions": asked, "images": shown}),
        "configuration": "instructions",
        "columns": {"id": "id", "image": "imageId"},
        "images": {"configuration": "images"},
    }
    got = data(tmp_path, source)
    fetch(got)
    assert [row["id"] for row in rows(got)] == ["GQA-q0", "GQA-q1", "GQA-q2"]
    contents = [(got.images / row["images"][0]).read_bytes() for row in rows(got)]
    assert contents == [jpeg("blue"), jpeg("red"), jpeg("blue")]
    assert len(list(got.images.iterdir())) == 2, "images that no question shows are left where they are"


def test_a_row_may_hold_several_questions_in_the_words_of_instructions(tmp_path: Path) -> None:
    texts = [
        {"user": "How many dogs?\nGive a very brief answer.", "assistant": "3.", "source": "TallyQA"},
        {"user": "How many cats?\nBe short.", "assistant": "0.", "source": "TallyQA"},
    ]
    source = {
        "id": publish(tmp_path / "cauldron", {"tallyqa": [{"images": [jpeg("red")], "texts": texts}]}),
        "configuration": "tallyqa",
        "columns": {"image": "images", "rows": "texts", "question": "user", "answers": "assistant"},
        "instructed": True,
        "answer_type": "number",
        "source": "tallyqa",
    }
    got = data(tmp_path, source)
    fetch(got)
    assert [(row["id"], row["question"], row["answers"], row["answer_type"]) for row in rows(got)] == [
        ("tallyqa-0", "How many dogs?", ["3"], "number"),
        ("tallyqa-1", "How many cats?", ["0"], "number"),
    ]


def test_a_number_picks_one_of_the_choices(tmp_path: Path) -> None:
    row = {
        "question": "What is it?",
        "choices": ["cat", "dog"],
        "correct_choice_idx": 1,
        "image": jpeg("red"),
    }
    source = {
        "id": publish(tmp_path / "aokvqa", {"default": [row]}),
        "columns": {"answers": "correct_choice_idx", "choices": "choices"},
    }
    got = data(tmp_path, source)
    fetch(got)
    assert rows(got)[0]["answers"] == ["dog"]
    assert rows(got)[0]["choices"] == ["cat", "dog"]


def test_choices_may_be_texts_with_labels(tmp_path: Path) -> None:
    choices = {"text": ["cat", "dog"], "label": ["A", "B"]}
    row = {"question": "What is it?", "choices": choices, "answer": 1, "image": jpeg("red")}
    got = data(
        tmp_path,
        {"id": publish(tmp_path / "arc", {"default": [row]}), "columns": {"choices": "choices"}},
    )
    fetch(got)
    assert (rows(got)[0]["choices"], rows(got)[0]["answers"]) == (["cat", "dog"], ["dog"])


def by_path(folder: Path, path: Path) -> str:
    """A data set whose only row names its image by a file."""
    import datasets

    folder.mkdir(exist_ok=True)
    row = {"question": "What?", "answer": "x", "image": {"bytes": None, "path": str(path)}}
    table = datasets.Dataset.from_list([row]).cast_column("image", datasets.Image(decode=False))
    table.to_parquet(folder / "train.parquet")
    return str(folder)


def test_a_row_names_no_file_outside_of_its_data_set(tmp_path: Path) -> None:
    private = tmp_path / "passport.jpg"
    private.write_bytes(jpeg("red"))
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "link.jpg").symlink_to(private)
    for path in (private, tmp_path / "cats" / ".." / "passport.jpg", tmp_path / "cats" / "link.jpg"):
        got = data(tmp_path, {"id": by_path(tmp_path / "cats", path)})
        with pytest.raises(UserError, match="names the file .*, which does not lie in the data set"):
            fetch(got)
        assert not list(got.images.iterdir())


def test_a_row_of_a_folder_may_name_a_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats" / "one.jpg").write_bytes(jpeg("red"))
    got = data(tmp_path, {"id": by_path(tmp_path / "cats", tmp_path / "cats" / "one.jpg")})
    fetch(got)
    assert (got.images / rows(got)[0]["images"][0]).read_bytes() == jpeg("red")


def test_a_data_set_of_the_hub_names_no_file_at_all(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(jpeg("red"))
    with pytest.raises(ValueError, match="does not lie in the data set"):
        image_bytes({"bytes": None, "path": str(tmp_path / "one.jpg")}, "somebody/cats")


def test_a_data_set_that_is_a_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    script = tmp_path / "cats" / "cats.py"
    script.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    for name in (script, script.parent):
        with pytest.raises(UserError, match="cannot load .*: Dataset scripts are no longer supported"):
            fetch(data(tmp_path, {"id": str(name)}))
    assert not (tmp_path / "ran").exists()


def test_sources_follow_one_another_each_within_its_limit(tmp_path: Path) -> None:
    name = publish(tmp_path / "cats", {"default": PLAIN})
    got = data(tmp_path, {"id": name, "limit": 2}, {"id": name, "limit": 1, "source": "again"})
    fetch(got)
    assert [row["id"] for row in rows(got)] == ["cats-0", "cats-1", "again-0"]


def test_a_first_look_fetches_little_and_the_rest_comes_later(tmp_path: Path) -> None:
    name = publish(tmp_path / "cats", {"default": PLAIN})
    got = data(tmp_path, {"id": name}, {"id": name, "source": "again"})
    fetch(got, limit=1)
    assert len(rows(got)) == 1
    assert len(list(got.images.iterdir())) == 1
    fetch(got)
    assert len(rows(got)) == 6
    before = got.questions.stat().st_mtime_ns
    fetch(got)
    fetch(got, limit=2)
    assert got.questions.stat().st_mtime_ns == before, "what is there is not fetched again"


def test_a_shuffle_is_the_same_each_time_and_loses_nothing(tmp_path: Path) -> None:
    many = [{**PLAIN[0], "question": f"Question {n}?"} for n in range(20)]
    name = publish(tmp_path / "cats", {"default": many})
    orders: list[list[str]] = []
    for number in range(2):
        got = data(tmp_path / str(number), {"id": name, "shuffle": 7})
        fetch(got)
        orders.append([row["question"] for row in rows(got)])
    assert orders[0] == orders[1]
    assert orders[0] != [row["question"] for row in many]
    assert sorted(orders[0]) == sorted(row["question"] for row in many)


def test_a_file_of_the_users_own_is_never_overwritten(tmp_path: Path) -> None:
    got = data(tmp_path, {"id": publish(tmp_path / "cats", {"default": PLAIN})})
    got.questions.parent.mkdir()
    got.questions.write_text("mine")
    with pytest.raises(UserError, match=r"is there, but was not made from `data\.hub`"):
        fetch(got)
    assert got.questions.read_text() == "mine"


NESTED = [{"image": jpeg("red"), "qa": [{"question": "How many?", "answer": "1"}]}]


@pytest.mark.parametrize(
    ("table", "source", "problem"),
    [
        (PLAIN, {"columns": {"answers": "label"}}, "has no column 'label'; it has question, answer, image"),
        (PLAIN, {"columns": {"image": "answer"}}, "the column holds no images; name the right column"),
        (PLAIN, {"split": "nowhere"}, "cannot load .* nowhere: "),
        (PLAIN, {"configuration": "other"}, "cannot load .* other train: "),
        (
            NESTED,
            {"columns": {"rows": "qa", "answers": "a"}},
            "the elements of 'qa' in .* have no 'a'; they have",
        ),
        (
            [{**PLAIN[0], "kinds": "cat"}],
            {"columns": {"choices": "kinds"}},
            "the column 'kinds' holds no list of choices",
        ),
        ([{**PLAIN[0], "image": "i1"}], {"images": {"configuration": "shown"}}, "cannot load .* shown train"),
    ],
)
def test_a_wrong_name_is_said_in_one_sentence(
    tmp_path: Path, table: list[dict[str, Any]], source: dict[str, Any], problem: str
) -> None:
    got = data(tmp_path, {"id": publish(tmp_path / "cats", {"default": table}), **source})
    with pytest.raises(UserError, match=problem) as caught:
        fetch(got)
    assert "\n" not in str(caught.value)
    assert not got.questions.exists()


def test_an_image_that_is_missing_is_named(tmp_path: Path) -> None:
    tables = {
        "asked": [{"question": "What?", "answer": "x", "image": "i1"}],
        "shown": [{"id": "i2", "image": jpeg("red")}],
    }
    source = {
        "id": publish(tmp_path / "cats", tables),
        "configuration": "asked",
        "images": {"configuration": "shown"},
    }
    with pytest.raises(UserError, match="has no image i1, which a question shows"):
        fetch(data(tmp_path, source))


def test_a_fetch_that_breaks_off_leaves_no_questions_file_and_keeps_the_images(tmp_path: Path) -> None:
    folder = Path(publish(tmp_path / "cats", {"default": PLAIN}))
    (folder / "later.parquet").write_bytes(b"PAR1 cut sho")
    card = folder / "README.md"
    card.write_text(card.read_text().replace("path: default.parquet", "path: '*.parquet'"))
    got = data(tmp_path, {"id": str(folder)})
    with pytest.raises(UserError, match=r"reading .* broke off \(.*\); the same command starts it again"):
        fetch(got)
    assert not got.questions.exists()
    assert len(list(got.images.iterdir())) == 2
