"""Models in this process: a tiny real one, against its own forward pass and transformers' own generation."""

import asyncio
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpd.language_models.cached import CachedModel
from vpd.language_models.errors import (
    ClosedError,
    ContextLengthError,
    InvalidRequestError,
    ModelNotFoundError,
    RunError,
    ServerError,
)
from vpd.language_models.generation import Job, _Draw, _nucleus
from vpd.language_models.protocol import ImagePart, Message, Request
from vpd.language_models.settings import TransformersSettings, create
from vpd.language_models.transformers import TransformersModel
from vpd.language_models.weights import Loaded

from .conftest import ask
from .tiny_model import make_tiny_model

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.slow  # importing torch and transformers takes as long as all of the tests


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.set_num_threads(1)
    return make_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def reference(folder):
    """The same model and tokenizer, loaded plainly."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def model(folder):
    return create(TransformersSettings(model=str(folder), device="cpu", batch_size=4))


def _prompt(tokenizer, text: str) -> list[int]:
    turns = [{"role": "user", "content": text}]
    return tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)["input_ids"]


async def test_temperature_zero_is_greedy_generation(model, reference):
    plain, tokenizer = reference
    prompt = torch.tensor([_prompt(tokenizer, "hello")])
    ids = plain.generate(prompt, max_new_tokens=12, do_sample=False, repetition_penalty=1.0)[
        0, prompt.shape[1] :
    ]
    [completion] = await model.complete(ask("hello", temperature=0, max_tokens=12))
    assert completion.text == tokenizer.decode(ids, skip_special_tokens=True)


async def test_log_probabilities_are_those_of_a_forward_pass(model, reference):
    plain, tokenizer = reference
    request = ask("count the cubes", n=3, temperature=0.7, top_p=0.9, max_tokens=10, seed=1)
    for completion in await model.complete(request):
        prompt = _prompt(tokenizer, "count the cubes")
        ids = _ids_of(plain, tokenizer, completion, prompt)
        with torch.inference_mode():
            logits = plain(torch.tensor([prompt + ids])).logits[0].log_softmax(-1)
        expected = [logits[len(prompt) - 1 + i, token].item() for i, token in enumerate(ids)]
        assert completion.log_probabilities == pytest.approx(expected, abs=1e-4)
        assert completion.usage.completion_tokens == len(ids)


def _ids_of(plain, tokenizer, completion, prompt: list[int]) -> list[int]:
    """The tokens behind a completion: at each step the one whose log-probability was reported."""
    ids: list[int] = []
    for value in completion.log_probabilities:
        with torch.inference_mode():
            row = plain(torch.tensor([prompt + ids])).logits[0, -1].log_softmax(-1)
        ids.append(int((row - value).abs().argmin()))
    assert tokenizer.decode(ids, skip_special_tokens=True) == completion.text
    return ids


async def test_a_sample_is_the_same_alone_and_in_company(model):
    requests = [ask(f"{'word ' * i}?", n=3, temperature=0.8, max_tokens=5 + i, seed=i) for i in range(6)]
    alone = [await model.complete(request) for request in requests]
    together = await asyncio.gather(*(model.complete(request) for request in requests))
    assert [[c.text for c in cs] for cs in together] == [[c.text for c in cs] for cs in alone]


async def test_samples_continue_where_an_earlier_request_ended(model):
    five = await model.complete(ask(n=5, seed=3, max_tokens=8))
    last = await model.complete(ask(n=2, first_sample=3, seed=3, max_tokens=8))
    assert [c.text for c in last] == [c.text for c in five[3:]]
    assert len({c.text for c in five}) == 5


async def test_without_a_seed_samples_differ_each_time(model):
    first, second = [await model.complete(ask(max_tokens=20)) for _ in range(2)]
    assert first[0].text != second[0].text


async def test_a_completion_ends_at_max_tokens(model):
    completions = await model.complete(ask(n=4, seed=0, max_tokens=3))
    assert [c.usage.completion_tokens for c in completions] == [3] * 4
    assert {c.finish_reason for c in completions} == {"length"}


async def test_a_completion_ends_at_the_end_token(model):
    loaded = await model._load()
    [end] = loaded.end_tokens
    assert end == loaded.tokenizer.eos_token_id
    head = loaded.model.lm_head
    head.bias = torch.nn.Parameter(torch.zeros(head.out_features), requires_grad=False)
    head.bias[end] = 1000.0  # the end token is certain
    [completion] = await model.complete(ask(max_tokens=9))
    assert (completion.text, completion.finish_reason) == ("", "stop")
    assert completion.log_probabilities == pytest.approx((0.0,), abs=1e-6)


async def test_a_stop_string_ends_a_completion_and_is_not_part_of_it(model):
    [whole] = await model.complete(ask(seed=5, max_tokens=30))
    stop = whole.text[6:8]
    [stopped] = await model.complete(ask(seed=5, max_tokens=30, stop=(stop,)))
    assert stopped.text == whole.text[: whole.text.index(stop)]
    assert stopped.finish_reason == "stop"
    assert stopped.usage.completion_tokens < whole.usage.completion_tokens


async def test_the_prompt_is_counted_once_a_request(model):
    completions = await model.complete(ask("some words", n=3, max_tokens=2))
    counted = model.count_tokens([Message(role="user", content="some words")])
    assert counted.exact
    assert sum(c.usage.prompt_tokens for c in completions) == counted.tokens


async def test_without_a_chat_template_the_texts_follow_one_another(tmp_path):
    folder = make_tiny_model(tmp_path / "plain", chat=False)
    model = create(TransformersSettings(model=str(folder), device="cpu"))
    messages = (Message(role="system", content="ab"), Message(role="user", content="cd"))
    both = model.count_tokens(messages).tokens
    assert both == model.count_tokens([Message(role="user", content="ab\ncd")]).tokens
    [completion] = await model.complete(Request(messages=messages, max_tokens=4))
    assert completion.usage.prompt_tokens == both


class TestFailures:
    async def test_a_prompt_that_is_too_long(self, model):
        with pytest.raises(ContextLengthError, match="256"):
            await model.complete(ask("long " * 300))

    async def test_an_image(self, model):
        message = Message(role="user", content=(ImagePart(path="a.png", sha256="0"),))
        with pytest.raises(InvalidRequestError, match="images"):
            await model.complete(Request(messages=(message,)))

    async def test_a_model_that_is_not_there(self, tmp_path):
        (tmp_path / "empty").mkdir()
        model = create(TransformersSettings(model=str(tmp_path / "empty")))
        with pytest.raises(ModelNotFoundError, match="empty"):
            await model.complete(ask())

    async def test_when_memory_runs_out_batches_get_smaller(self, model):
        sizes: list[int] = []

        def scarce(module, arguments, keywords) -> None:
            sizes.append(len(keywords["input_ids"]))
            if sizes[-1] > 2:
                raise torch.OutOfMemoryError("no memory")

        await _with_hook(model, scarce)
        completions = await model.complete(ask(n=8, max_tokens=2, seed=0))
        assert len(completions) == 8
        assert sum(size > 2 for size in sizes) == 1

    async def test_a_request_that_breaks_the_model_fails_alone(self, model):
        def broken(module, arguments, keywords) -> None:
            ids = keywords["input_ids"]
            if ids.shape[1] > 1 and (ids == marker).any():
                raise RuntimeError("no kernel for this")

        loaded = await _with_hook(model, broken)
        [marker] = loaded.tokenizer("Z")["input_ids"]
        asked = [model.complete(ask(text, max_tokens=2)) for text in ("a", "b", "Z", "c")]
        a, b, bad, c = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(bad, ServerError)
        assert "no kernel" in str(bad)
        assert all(isinstance(outcome, list) for outcome in (a, b, c))

    async def test_closing_ends_what_waits(self, model):
        calls = [asyncio.create_task(model.complete(ask(f"q{i}", max_tokens=4))) for i in range(12)]
        await model.complete(ask("first", max_tokens=1))
        await model.close()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(o, list | ClosedError) for o in outcomes)
        with pytest.raises(ClosedError):
            await model.complete(ask(max_tokens=4))


async def _with_hook(model: TransformersModel, hook) -> Loaded:
    """Make the real model fail now and then, as a full GPU would."""
    loaded = await model._load()
    loaded.model.register_forward_pre_hook(hook, with_kwargs=True)
    return loaded


class TestIdentity:
    def test_weights_trained_anew_are_another_model(self, folder, tmp_path):
        def identity(path):
            return create(TransformersSettings(model=str(path))).identity

        copy = shutil.copytree(folder, tmp_path / folder.name)
        assert identity(copy) == identity(folder)
        content = bytearray((copy / "model.safetensors").read_bytes())
        content[-1] ^= 1
        (copy / "model.safetensors").write_bytes(content)
        assert identity(copy) != identity(folder)

    async def test_it_can_be_cached(self, model, database):
        cached = CachedModel(model, database)
        first = await cached.complete(ask(n=2, max_tokens=4))
        assert await cached.complete(ask(n=2, max_tokens=4)) == first


async def test_an_observer_can_hold_back_a_request(model):
    class Miser:
        def sending(self) -> None:
            raise RunError("no")

        def received(self, completions) -> None:
            raise AssertionError

    with pytest.raises(RunError, match="no"):
        await model.complete(ask(n=2, max_tokens=4), Miser())


class TestDrawing:
    """The draw of one token, against the distribution that it draws from."""

    @staticmethod
    def _draw(probabilities: list[float], temperature: float, top_p: float, draws: int) -> list[float]:
        job = Job((0,), temperature, top_p, 1, (), seed=0)
        drawing = _Draw([job], torch.device("cpu"))
        scores = torch.tensor([probabilities]).log()
        counts = [0] * len(probabilities)
        for _ in range(draws):
            counts[int(drawing(None, scores).argmax())] += 1
        return [count / draws for count in counts]

    @pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
    def test_frequencies_follow_the_tempered_distribution(self, temperature):
        weights = [p ** (1 / temperature) for p in (0.5, 0.3, 0.15, 0.05)]
        expected = [w / sum(weights) for w in weights]
        assert self._draw([0.5, 0.3, 0.15, 0.05], temperature, 1.0, 4000) == pytest.approx(expected, abs=0.04)

    def test_top_p_keeps_the_smallest_sufficient_set(self):
        frequencies = self._draw([0.15, 0.5, 0.05, 0.3], 1.0, 0.7, 2000)
        assert frequencies == pytest.approx([0, 0.625, 0, 0.375], abs=0.05)
        assert frequencies[0] == frequencies[2] == 0

    @given(st.lists(st.floats(0.001, 1), min_size=2, max_size=8), st.floats(0.05, 1))
    def test_a_token_without_weight_is_never_drawn(self, weights, top_p):
        probabilities = torch.tensor(weights, dtype=torch.float64)
        probabilities /= probabilities.sum()
        kept = _nucleus(probabilities, torch.tensor(top_p))
        assert kept.sum() >= min(top_p, 1.0) - 1e-9
        assert (kept > 0).any()
        assert kept.max() == probabilities.max()
