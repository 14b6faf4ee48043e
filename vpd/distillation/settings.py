"""The recipe's part on distillation."""

from typing import Literal

from pydantic import Field, model_validator

from vpd.language_models.settings import LanguageModelSettings
from vpd.settings import Settings

BoxStyle = Literal["none", "pixels", "relative"]
"""Whether regions are given with their coordinates: whole pixels, or thousandths of the image's sides."""


class RationaleSettings(Settings):
    """How facts are put into words."""

    model: LanguageModelSettings | None = None
    """The language model that writes; null for templates, which need none. They also stand in where the model
    writes nothing that passes the fact check."""
    boxes: BoxStyle = "none"
    """Whether regions are given with their coordinates. Models of the Qwen3-VL family know relative ones."""
    max_words: int = Field(default=160, ge=20)
    """Rationales that are longer are left out: what cannot be read aloud is not learned from."""
    variants: int = Field(default=3, ge=1)
    """Rationales drawn for each question; the shortest that passes the fact check is kept."""
    rewrites: int = Field(default=1, ge=0)
    """How often a model is shown what was unsupported and asked again, before a template writes."""
    temperature: float = Field(default=0.7, ge=0)
    max_tokens: int = Field(default=400, ge=16)
    """The most tokens of one rationale."""
    seed: int = 0
    max_tokens_total: int | None = Field(default=None, ge=1)
    """Tokens, read and written, at which a run stops."""
    max_cost: float | None = Field(default=None, gt=0)
    """Money, by the model's prices, at which a run stops."""


class ImageMix(Settings):
    """Kinds of trajectory over images, as parts of a whole; the defaults are Pixel Reasoner's (arXiv 2505.15966)."""

    single: float = Field(default=0.3, ge=0)
    """One crop, of the cue."""
    wrong_once: float = Field(default=0.2, ge=0)
    """A crop that misses the cue, then one of the cue."""
    wrong_twice: float = Field(default=0.2, ge=0)
    """Two crops that miss the cue, then one of the cue."""
    closer: float = Field(default=0.3, ge=0)
    """A crop much larger than the cue, and out of it one of the cue."""

    @model_validator(mode="after")
    def _some(self) -> "ImageMix":
        if not any((self.single, self.wrong_once, self.wrong_twice, self.closer)):
            raise ValueError("at least one kind must have a share")
        return self


class VideoMix(Settings):
    """Kinds of trajectory over videos; the defaults are Pixel Reasoner's."""

    single: float = Field(default=0.9, ge=0)
    """One selection, of the frames with the cue."""
    reselect: float = Field(default=0.1, ge=0)
    """A selection that misses the cue, then one of the cue."""

    @model_validator(mode="after")
    def _some(self) -> "VideoMix":
        if not any((self.single, self.reselect)):
            raise ValueError("at least one kind must have a share")
        return self


class TrajectorySettings(Settings):
    """Rows that look closer before they answer."""

    text_only: float = Field(default=0.25, ge=0, le=1)
    """Share of rows that answer in words alone, with no pixel operation."""
    image: ImageMix = ImageMix()
    video: VideoMix = VideoMix()
    coordinates: Literal["relative", "pixels"] = "relative"
    """What boxes are counted in: thousandths of the picture's sides, as Qwen3-VL does, or its pixels."""
    margin: float = Field(default=0.15, ge=0)
    """How much larger than the cue a crop is, on each side, as a share of the cue's width and height."""
    smallest: int = Field(default=56, ge=8)
    """The least width and height of a crop, in pixels."""
    largest_share: float = Field(default=0.5, gt=0, le=1)
    """A cue that fills more of its image than this needs no closer look: no trajectory is made."""
    seed: int = 0


class DistillationSettings(Settings):
    """What is made of kept programs, and of labels."""

    labels: bool = True
    """Whether every labelled question gives a row that answers it in a word or phrase."""
    rationales: RationaleSettings | None = RationaleSettings()
    """How rationale rows are made; null for none."""
    trajectories: TrajectorySettings | None = TrajectorySettings()
    """How trajectory rows are made; null for none."""
    licences: dict[str, str] = Field(default_factory=dict)
    """By source, the licence of its questions and images, for the data set's card."""
