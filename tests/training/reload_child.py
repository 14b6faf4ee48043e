"""What a user does with a trained model, without this project: load the folders and look at the outputs.

Arguments: base folder, adapter folder or "", inputs, outputs.
"""

import sys


def main() -> None:
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file, save_file
    from transformers import AutoModelForImageTextToText, AutoProcessor

    torch.set_num_threads(1)
    base, adapter, inputs, outputs = sys.argv[1:]
    model = AutoModelForImageTextToText.from_pretrained(base)
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    model.eval()
    AutoProcessor.from_pretrained(adapter or base)
    given = load_file(inputs)
    with torch.no_grad():
        logits = model(**given).logits
        tokens = model.generate(**given, max_new_tokens=6, do_sample=False)
    assert not any(name.split(".")[0] in ("vpd", "trl") for name in sys.modules)
    save_file({"logits": logits.contiguous(), "tokens": tokens.contiguous()}, outputs)


if __name__ == "__main__":
    main()
