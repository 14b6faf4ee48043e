"""A real causal model of the transformers library, small enough to be made on the spot, and its tokenizer."""

from pathlib import Path

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|pad|>"]


def make_tiny_model(folder: Path, chat: bool = True, vocabulary: int = 300) -> Path:
    """A Llama with two layers and random weights over a byte-level tokenizer, saved as hub models are."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        ["def execute_command(image): return image.find('cube')"],
        vocab_size=vocabulary,
        special_tokens=SPECIAL,
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer, eos_token="<|end|>", pad_token="<|pad|>"
    )
    if chat:
        tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=256,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    # Random weights of the usual size give nearly uniform predictions; these differ from token to token.
    with torch.no_grad():
        model.lm_head.weight.mul_(20)
    # Defaults that a request must not inherit.
    model.generation_config.repetition_penalty = 1.5
    model.generation_config.do_sample = True
    # Whatever is drawn, a reply is as long as asked for.
    model.generation_config.suppress_tokens = [tokenizer.eos_token_id]
    model.save_pretrained(folder)
    return folder
