"""Training rows as data sets: for vpd's own training, for TRL, and for other trainers."""

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from tests.mistaken_programs import write_programs
from tests.tiny_vlm import build_tiny_vlm, tiny_processor
from vpd.commands.export import run_export_rows
from vpd.distillation.rows.export import Format, export_rows
from vpd.distillation.rows.pictures import picture
from vpd.errors import UserError
from vpd.inputs.training_rows import read_training_rows
from vpd.pipeline.distill import distill
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import verify
from vpd.recipe import parse_recipe
from vpd.records import ImageFile, TrainingRow, View
from vpd.store import Run
from vpd.tabletop.dataset import generate
from vpd.training.collator import IGNORED, Collator
from vpd.training.items import group
from vpd.training.settings import TaskWeights

FAMILIES = ("exists", "count", "verify", "relation", "zoom_property")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Questions of the drawn world from their files to training rows."""
    root = tmp_path_factory.mktemp("run")
    data = root / "data"
    generate(data, "val", 15, seed=3, families=FAMILIES)
    write_programs(data)
    values = {
        "data": {
            "questions": "data/questions.jsonl",
            "images": "data",
            "annotations": "data/annotations.jsonl",
            "candidates": "data/candidates.jsonl",
        },
        "tools": {"detector": {"name": "annotations"}, "attributes": {"name": "annotations"}},
        "verification": {"preset": "paper"},
        "distillation": {"licences": {"tabletop": "Apache-2.0 | ours"}},
    }
    recipe = parse_recipe(values, "test", root)
    made = Run(root / "run")
    made.root.mkdir()
    made.recipe.write_text(recipe.model_dump_json())
    read_inputs(recipe, made)
    verify(recipe, made, None)
    distill(recipe, made, root / "responses.sqlite")
    return made


@pytest.fixture(scope="session")
def rows(run: Run) -> list[TrainingRow]:
    made = list(run.rows.rows())
    assert Counter(row.task for row in made).keys() == {"label", "rationale", "trajectory"}
    assert any(row.masked for row in made)
    return made


@pytest.fixture(scope="session")
def image_root(run: Run) -> Path:
    return run.root.parent / "data"


class TestTraining:
    def test_rows_make_batches(self, rows: list[TrainingRow], image_root: Path):
        processor = tiny_processor()
        items = group(rows)
        collate = Collator(processor, rows, items, TaskWeights(), image_root)
        for number in range(len(items)):
            batch = collate([{"item": number}])
            assert batch["input_ids"].shape == batch["labels"].shape
            assert (batch["labels"] != IGNORED).any(1).all()

    def test_the_loss_falls_on_the_assistants_words_but_not_on_wrong_operations(
        self, rows: list[TrainingRow], image_root: Path
    ):
        processor = tiny_processor()
        row = next(row for row in rows if row.masked)
        batch = Collator(processor, [row], group([row]), TaskWeights(), image_root)([{"item": 0}])
        learned = processor.tokenizer.decode(batch["labels"][0][batch["labels"][0] != IGNORED])
        messages = cast("list[dict[str, Any]]", row.messages)
        for span in row.masked:
            assert messages[span.message]["content"][span.start : span.end] not in learned
        assert messages[-1]["content"] in learned
        assert "<tool_response>" not in learned

    @pytest.mark.parametrize("form", ["jsonl", "parquet"])
    def test_an_exported_data_set_reads_back_as_the_same_rows(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path, form: Format
    ):
        file = export_rows(rows, image_root, tmp_path / "out", form)
        read = read_training_rows(file, image_root, tmp_path / "unpacked")
        assert [(r.id, r.task, r.masked, r.weight) for r in read.rows] == [
            (r.id, r.task, r.masked, r.weight) for r in rows
        ]
        for ours, theirs in zip(rows, read.rows, strict=True):
            assert [_pixels(v, image_root) for v in ours.images] == [
                _pixels(v, read.image_root) for v in theirs.images
            ]


def test_json_lines_load_as_a_data_set(rows: list[TrainingRow], image_root: Path, tmp_path: Path):
    from datasets import load_dataset

    file = export_rows(rows, image_root, tmp_path / "out", "jsonl")
    data = load_dataset("json", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    assert data["id"][:] == [row.id for row in rows]
    assert data[0]["messages"][0]["content"][0]["type"] == "image"


def _pixels(view: View, root: Path) -> tuple[tuple[int, int], str]:
    shown = Image.open(BytesIO(picture(view, root, "row").content)).convert("RGB")
    return shown.size, hashlib.sha256(shown.tobytes()).hexdigest()


class TestPictures:
    def test_a_whole_image_is_its_file_and_a_crop_its_very_pixels(
        self, rows: list[TrainingRow], image_root: Path
    ):
        views = {view for row in rows for view in row.images}
        assert {view.box is None for view in views} == {True, False}
        for view in views:
            shown = picture(view, image_root, "row")
            source = image_root / view.image.path
            if view.box is None:
                assert shown.content == source.read_bytes()
            else:
                cut = Image.open(source).convert("RGB").crop(view.box)
                assert Image.open(BytesIO(shown.content)).tobytes() == cut.tobytes()

    @pytest.mark.parametrize("kind", ["turned", "transparent"])
    def test_an_image_that_readers_show_differently_becomes_plain(self, tmp_path: Path, kind: str):
        path = tmp_path / ("a.jpg" if kind == "turned" else "a.png")
        if kind == "turned":
            exif = Image.Exif()
            exif[0x0112] = 6
            Image.new("RGB", (30, 20), "red").save(path, exif=exif)
        else:
            Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(path)
        size = (20, 30) if kind == "turned" else (30, 20)
        shown = picture(View(image=_image(path, size)), tmp_path, "row")
        image = Image.open(BytesIO(shown.content))
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)
        assert shown.name.endswith(".png")

    def test_an_image_that_has_changed_is_refused(self, tmp_path: Path):
        path = tmp_path / "a.png"
        Image.new("RGB", (4, 4)).save(path)
        image = _image(path, (4, 4))
        Image.new("RGB", (4, 4), "red").save(path)
        with pytest.raises(UserError, match="row 7: .*has changed since the row was made"):
            picture(View(image=image), tmp_path, "7")


def _image(path: Path, size: tuple[int, int]) -> ImageFile:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ImageFile(path=path.name, sha256=digest, width=size[0], height=size[1])


class TestTrl:
    def test_sft_trainer_takes_the_exported_data_set(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        from datasets import Image as ImageFeature
        from datasets import load_dataset
        from transformers import AutoModelForImageTextToText
        from trl.trainer.sft_config import SFTConfig
        from trl.trainer.sft_trainer import SFTTrainer

        monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
        chosen = [
            next(row for row in rows if row.task == "label"),
            next(row for row in rows if row.task == "rationale"),
            next(row for row in rows if row.masked),
        ]
        folder = tmp_path / "set"
        export_rows(chosen, image_root, folder, "parquet")
        data = load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
        assert isinstance(data.features["images"].feature, ImageFeature)
        model = AutoModelForImageTextToText.from_pretrained(build_tiny_vlm(tmp_path / "tiny"))
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=str(tmp_path / "out"),
                max_steps=2,
                per_device_train_batch_size=1,
                max_length=None,
                report_to="none",
                use_cpu=True,
                gradient_checkpointing=False,
            ),
            train_dataset=data.select_columns(["messages", "images"]),
            processing_class=tiny_processor(),
        )
        assert trainer.train().training_loss > 0


class TestOtherForms:
    def test_placeholders_stand_for_the_pictures_in_their_order(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path
    ):
        file = export_rows(rows, image_root, tmp_path, "llamafactory")
        for line, row in zip(map(json.loads, file.read_text().splitlines()), rows, strict=True):
            assert sum(m["content"].count("<image>") for m in line["messages"]) == len(line["images"])
            assert len(line["images"]) == len(row.images)
            assert all((tmp_path / name).is_file() for name in line["images"])
            roles = [m["role"] for m in line["messages"] if m["role"] != "system"]
            assert roles == ["user", "assistant"] * (len(roles) // 2)

    def test_llama_factory_finds_the_file_and_its_columns(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path
    ):
        export_rows(rows[:1], image_root, tmp_path, "llamafactory")
        told = json.loads((tmp_path / "dataset_info.json").read_text())["vpd"]
        first = json.loads((tmp_path / told["file_name"]).read_text().splitlines()[0])
        assert first[told["columns"]["messages"]][0][told["tags"]["role_tag"]] == told["tags"]["user_tag"]
        assert first[told["columns"]["images"]]

    def test_turns_with_a_wrong_operation_have_no_loss(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path
    ):
        row = next(row for row in rows if row.masked)
        file = export_rows([row], image_root, tmp_path, "llamafactory")
        messages = json.loads(file.read_text())["messages"]
        without = {n for n, m in enumerate(messages) if m["role"] == "assistant" and not m["loss"]}
        assert without == {span.message for span in row.masked}

    def test_llava_has_one_list_of_conversations(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path
    ):
        made = json.loads(export_rows(rows, image_root, tmp_path, "llava").read_text())
        assert [each["id"] for each in made] == [row.id for row in rows]
        label = next(each for each, row in zip(made, rows, strict=True) if row.task == "label")
        assert [turn["from"] for turn in label["conversations"]] == ["human", "gpt"]
        assert label["conversations"][0]["value"].startswith("<image>\n")
        assert (tmp_path / label["image"]).is_file()

    def test_a_question_that_speaks_of_the_placeholder_adds_no_picture(
        self, rows: list[TrainingRow], image_root: Path, tmp_path: Path
    ):
        row = rows[0]
        asked = [{"type": "image"}, {"type": "text", "text": "What does <image> mean?"}]
        changed = row.model_copy(
            update={"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": "x"}]}
        )
        line = json.loads(export_rows([changed], image_root, tmp_path, "llamafactory").read_text())
        assert line["messages"][0]["content"] == "<image>What does image mean?"


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


class TestCommand:
    @pytest.mark.parametrize("form", ["jsonl", "parquet", "llava", "llamafactory"])
    def test_it_writes_rows_and_a_card(self, run: Run, tmp_path: Path, form: str):
        run_export_rows(run.root, str(tmp_path / "set"), form, tmp_path)
        card = (tmp_path / "set" / "README.md").read_text()
        header = card.split("---")[1]
        assert re.search(r"path: (\S+)", header)[1] in {p.name for p in (tmp_path / "set").iterdir()}  # type: ignore[index]
        assert "| tabletop | Apache-2.0 \\| ours | 15 | 15 |" in card
        assert "Spurious share: not estimated" in card
        assert "Cost: not recorded" in card

    def test_the_card_says_what_was_paid_and_how_much_may_be_spurious(self, run: Run):
        from vpd.distillation.rows.card import Cost, dataset_card
        from vpd.records import Usage

        verdicts = [v.model_copy(update={"probability": 0.75}) for v in run.verdicts.rows()]
        card = dataset_card(
            "a set",
            run.examples.rows(),
            verdicts,
            list(run.rationales.rows()),
            list(run.rows.rows()),
            {},
            Cost(Usage(prompt_tokens=1200, completion_tokens=300), 1.5),
        )
        assert "Spurious share: 25.0 %" in card
        assert "1200 tokens read and 300 written" in card
        assert "1.50 in the currency" in card
        assert "| tabletop | unknown |" in card

    def test_without_a_network_the_hub_gets_one_sentence(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        from huggingface_hub import constants

        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
        monkeypatch.setenv("HF_TOKEN", "hf_nobodys")
        monkeypatch.setattr("huggingface_hub.hf_api.ENDPOINT", "http://127.0.0.1:9", raising=False)
        monkeypatch.setattr("datasets.config.HF_ENDPOINT", "http://127.0.0.1:9")
        with pytest.raises(UserError, match=r"cannot upload to me/photos: .*refused.*--as parquet"):
            run_export_rows(run.root, "me/photos", "hub", tmp_path)

    def test_a_folder_with_other_files_is_left_as_it_is(self, run: Run, tmp_path: Path):
        (tmp_path / "README.md").write_text("mine")
        with pytest.raises(UserError, match=r"holds files that no earlier export wrote \(README\.md\)"):
            run_export_rows(run.root, str(tmp_path), "jsonl", tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
        assert (tmp_path / "README.md").read_text() == "mine"

    def test_a_file_is_no_folder(self, run: Run, tmp_path: Path):
        (tmp_path / "mine").write_text("mine")
        with pytest.raises(UserError, match="mine is no folder"):
            run_export_rows(run.root, str(tmp_path / "mine"), "jsonl", tmp_path)

    def test_an_export_takes_the_place_of_an_earlier_one_and_of_nothing_else(self, run: Run, tmp_path: Path):
        folder = tmp_path / "set"
        run_export_rows(run.root, str(folder), "jsonl", tmp_path)
        (folder / "images" / ("0" * 16 + ".png")).write_bytes(b"of an earlier export")
        (folder / "notes.txt").write_text("mine")
        run_export_rows(run.root, str(folder), "jsonl", tmp_path)
        shown = {name for line in _lines(folder / "train.jsonl") for name in line["images"]}
        assert {f"images/{path.name}" for path in (folder / "images").iterdir()} == shown
        run_export_rows(run.root, str(folder), "parquet", tmp_path)
        assert {path.name for path in folder.iterdir()} == {"README.md", "train.parquet", "notes.txt"}

    def test_an_export_that_breaks_off_leaves_the_earlier_one(
        self, run: Run, image_root: Path, tmp_path: Path
    ):
        folder = tmp_path / "set"
        run_export_rows(run.root, str(folder), "jsonl", tmp_path)
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        first = next(run.rows.rows()).images[0].image.path
        (image_root / first).rename(tmp_path / "away")
        try:
            with pytest.raises(UserError, match="cannot read the image"):
                run_export_rows(run.root, str(folder), "parquet", tmp_path)
        finally:
            (tmp_path / "away").rename(image_root / first)
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before

    def test_rows_from_before_the_programs_were_judged_anew_are_refused(self, run: Run, tmp_path: Path):
        other = Run(tmp_path / "other")
        shutil.copytree(run.root, other.root)
        verdicts = other.verdicts.read(0)
        other.verdicts.write(0, [v.model_copy(update={"selected": False}) for v in verdicts], "judged anew")
        with pytest.raises(UserError, match="run `vpd distill` with this recipe again"):
            run_export_rows(other.root, str(tmp_path / "set"), "jsonl", tmp_path)
        assert not (tmp_path / "set").exists()

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            (lambda run: ("coco", run.root), "--as coco: choose jsonl, parquet"),
            (lambda run: ("jsonl", run.root / "nowhere"), "holds no run"),
        ],
    )
    def test_a_mistake_gets_one_sentence(
        self, run: Run, tmp_path: Path, change: Callable[[Run], tuple[str, Path]], complaint: str
    ):
        form, root = change(run)
        with pytest.raises(UserError, match=complaint):
            run_export_rows(root, str(tmp_path / "set"), form, tmp_path)

    def test_a_run_that_was_not_distilled_says_so(self, run: Run, tmp_path: Path):
        other = Run(tmp_path / "other")
        other.root.mkdir()
        other.recipe.write_text(run.recipe.read_text())
        with pytest.raises(UserError, match=r"has no training rows yet; `vpd distill"):
            run_export_rows(other.root, str(tmp_path / "set"), "jsonl", tmp_path)
