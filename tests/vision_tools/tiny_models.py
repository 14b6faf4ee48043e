"""Randomly initialised models of the real architectures, small enough to run in milliseconds.

Each function saves one to a folder, as the hub would hold it, and gives the settings of the tool that loads it.
"""

import json
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import torch
import transformers as tf
import yaml
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

WORDS = ("red", "blue", "cube", "cat", "ball", "what", "is", "this", "a", "or", "total", "shop")


def bert_tokenizer() -> Any:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?"]
    return tf.BertTokenizer(vocab={word: i for i, word in enumerate([*special, *WORDS])})


def clip_tokenizer(length: int = 16) -> Any:
    """Byte-pair encoding with a merge path for each of the words."""
    vocab = {letter: i for i, letter in enumerate([*ascii_lowercase, *(f"{c}</w>" for c in ascii_lowercase)])}
    merges = []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
                vocab.setdefault("".join(pair), len(vocab))
            parts = ["".join(pair), *parts[2:]]
    for token in ("<|startoftext|>", "<|endoftext|>"):
        vocab[token] = len(vocab)
    return tf.CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=length)


def word_tokenizer(special: tuple[str, ...] = (), **settings: Any) -> Any:
    vocab = {word: i for i, word in enumerate(["<pad>", "<eos>", "<unk>", *special, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.normalizer = normalizers.Lowercase()
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>", **settings
    )


def spread(module: torch.nn.Module, deviation: float) -> None:
    """Set weights apart, so that different inputs give visibly different outputs."""
    for parameter in module.parameters():
        parameter.data.normal_(0, deviation)


def talkative(head: torch.nn.Linear, tokenizer: Any) -> None:
    """Lets a random model write words, never marks: of a word and its opposite, one always scores above 0."""
    ids = tokenizer.convert_tokens_to_ids(list(WORDS))
    half = torch.randn(len(ids) // 2, head.in_features)
    head.weight.data.zero_()
    head.weight.data[ids] = torch.cat([half, -half])


def saved(folder: Path, model: Any, processor: Any) -> dict[str, Any]:
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return {"model": str(folder)}


def _dino_parts() -> dict[str, Any]:
    return {
        "text_config": tf.BertConfig(
            vocab_size=40, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            max_position_embeddings=64,
        ),
        "d_model": 32, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "num_queries": 20,
        "num_feature_levels": 3, "max_text_len": 64,
        "backbone_config": tf.SwinConfig(
            image_size=64, window_size=4, embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 2, 2, 2],
            out_features=["stage2", "stage3", "stage4"],
        ),
    }  # fmt: skip


def _dino_processor() -> Any:
    images = tf.GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96})
    return tf.GroundingDinoProcessor(images, bert_tokenizer())


def grounding_dino(folder: Path) -> dict[str, Any]:
    config = tf.GroundingDinoConfig(**_dino_parts())
    model = tf.GroundingDinoForObjectDetection(config)
    return {**saved(folder, model, _dino_processor()), "confidence": 0.0}


def mm_grounding_dino(folder: Path) -> dict[str, Any]:
    config = tf.MMGroundingDinoConfig(**_dino_parts())
    model = tf.MMGroundingDinoForObjectDetection(config)
    return {**saved(folder, model, _dino_processor()), "confidence": 0.0}


def _owl(folder: Path, version: str) -> dict[str, Any]:
    tokenizer = clip_tokenizer()
    config = getattr(tf, f"{version}Config")(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "pad_token_id": len(tokenizer) - 1, "bos_token_id": len(tokenizer) - 2,
            "eos_token_id": len(tokenizer) - 1,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "image_size": 64, "patch_size": 16,
        },
        projection_dim=32,
    )  # fmt: skip
    model = getattr(tf, f"{version}ForObjectDetection")(config)
    for head in (model.box_head, model.class_head):
        for parameter in head.parameters():
            parameter.data.mul_(0.05)  # as initialised, every box is without extent
    images = getattr(tf, f"{version}ImageProcessor")(size={"height": 64, "width": 64})
    processor = getattr(tf, f"{version}Processor")(images, tokenizer)
    return {**saved(folder, model, processor), "confidence": 0.0}


def owlv2(folder: Path) -> dict[str, Any]:
    return _owl(folder, "Owlv2")


def owlvit(folder: Path) -> dict[str, Any]:
    return _owl(folder, "OwlViT")


def groundingdino_py(folder: Path) -> dict[str, Any]:
    from groundingdino.models import build_model
    from groundingdino.models.GroundingDINO import groundingdino
    from groundingdino.util.slconfig import SLConfig

    from vision_tools.groundingdino_py import _text_encoder_class

    folder.mkdir(parents=True)
    small = {"nheads": 8, "dim_feedforward": 32, "enc_layers": 1, "dec_layers": 1, "num_queries": 20}
    bert_tokenizer().save_pretrained(folder)
    bert = tf.BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    tf.BertModel(bert).save_pretrained(folder)
    package = Path(groundingdino.__file__).parents[2]
    config = SLConfig.fromfile(str(package / "config" / "GroundingDINO_SwinT_OGC.py"))
    for name, value in {**small, "device": "cpu", "text_encoder_type": str(folder)}.items():
        setattr(config, name, value)
    groundingdino.BertModelWarper = _text_encoder_class()
    torch.save({"model": build_model(config).state_dict()}, folder / "weights.pth")
    return {
        "weights": str(folder / "weights.pth"), "config": small, "text_encoder": str(folder),
        "image_size": (64, 96), "confidence": 0.0,
    }  # fmt: skip


def _text_tower(folder: Path, dimensions: int = 512) -> tuple[str, str]:
    """A model that open_clip knows by name, and the file of its weights."""
    import open_clip

    config = {
        "embed_dim": dimensions,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16, "head_width": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    name = f"tiny-{dimensions}"
    (folder / f"{name}.json").write_text(json.dumps(config))
    open_clip.add_model_config(folder / f"{name}.json")
    torch.save(open_clip.create_model(name).state_dict(), folder / f"{name}.pt")
    return name, str(folder / f"{name}.pt")


def _yolo(folder: Path, architecture: str, kind: str, **changes: Any) -> dict[str, Any]:
    from vision_tools.ultralytics import import_ultralytics

    ultralytics = import_ultralytics()
    folder.mkdir(parents=True)
    source = Path(ultralytics.__file__).parent / "cfg" / "models" / architecture
    config = yaml.safe_load(source.read_text())
    config |= {"scales": {"n": [0.1, 0.0625, 128]}, "scale": "n", **changes}
    # The library reads a model's scale and family off its file's name.
    file = folder / source.name.replace("v8", "v8n").replace("-26", "-26n")
    file.write_text(yaml.safe_dump(config))
    model = getattr(ultralytics, kind)(str(file))
    # Untrained, every place of an image looks the same and every box is large: normalise the features, let small
    # sides be likelier, and lift the scores off zero.
    for module in model.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    model.model.train()(torch.rand(4, 3, 64, 64))
    model.model.eval()
    for name, parameter in model.model.model[-1].named_parameters():
        if name.endswith("2.bias"):
            bins = torch.arange(len(parameter)) % 16
            box = -0.7 * bins if len(bins) == 64 else torch.ones(len(bins))
            parameter.data = box if "cv2" in name else torch.randn(len(bins))
    model.save(str(folder / "weights.pt"))
    return {"weights": str(folder / "weights.pt"), "confidence": 0.0, "image_size": 64}


def yolo(folder: Path) -> dict[str, Any]:
    settings = _yolo(folder, "v8/yolov8.yaml", "YOLO", nc=2)
    ultralytics = __import__("ultralytics")
    model = ultralytics.YOLO(settings["weights"])
    model.model.names = {0: "cat", 1: "dog"}
    model.save(settings["weights"])
    return settings


def _open_yolo(folder: Path, architecture: str, kind: str) -> dict[str, Any]:
    settings = _yolo(folder, architecture, kind)
    name, file = _text_tower(folder)
    return {**settings, "text_model": name, "text_pretrained": file}


def yolo_world(folder: Path) -> dict[str, Any]:
    return _open_yolo(folder, "v8/yolov8-worldv2.yaml", "YOLOWorld")


def yoloe(folder: Path) -> dict[str, Any]:
    return _open_yolo(folder, "26/yoloe-26.yaml", "YOLOE")


def yoloe_seg(folder: Path) -> dict[str, Any]:
    return _open_yolo(folder, "v8/yoloe-v8-seg.yaml", "YOLOE")


def torchvision_ssd(folder: Path) -> dict[str, Any]:
    import torchvision

    folder.mkdir(parents=True)
    name = "ssdlite320_mobilenet_v3_large"
    model = torchvision.models.get_model(name, weights=None, weights_backbone=None, num_classes=3)
    spread(model.head, 0.1)
    torch.save(model.state_dict(), folder / "weights.pt")
    return {
        "model": name, "weights": str(folder / "weights.pt"), "classes": ["__background__", "cat", "dog"],
        "confidence": 0.0,
    }  # fmt: skip


_TEXT = {
    "vocab_size": 20, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "pad_token_id": 0,
    "num_attention_heads": 2, "max_position_embeddings": 16, "eos_token_id": 1, "bos_token_id": 2,
}  # fmt: skip
_VISION = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}


def clip(folder: Path) -> dict[str, Any]:
    vision = {**_VISION, "image_size": 32, "patch_size": 16}
    tokenizer = clip_tokenizer()
    ends = {"eos_token_id": len(tokenizer) - 1, "bos_token_id": len(tokenizer) - 2}
    text = {**_TEXT, **ends, "vocab_size": len(tokenizer)}
    model = tf.CLIPModel(tf.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24))
    images = tf.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return saved(folder, model, tf.CLIPProcessor(images, tokenizer))


def siglip(folder: Path) -> dict[str, Any]:
    vision = {**_VISION, "image_size": 32, "patch_size": 16}
    model = tf.SiglipModel(tf.SiglipConfig(text_config=_TEXT, vision_config=vision))
    images = tf.SiglipImageProcessor(size={"height": 32, "width": 32})
    # Like the released tokenizers, this one gives no attention mask.
    tokenizer = word_tokenizer(model_input_names=["input_ids"])
    return saved(folder, model, tf.SiglipProcessor(images, tokenizer))


def siglip2(folder: Path) -> dict[str, Any]:
    """The variant that keeps an image's proportions."""
    vision = {**_VISION, "num_patches": 16, "patch_size": 16}
    vocab = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *ascii_lowercase, "▁"]
    model = tf.Siglip2Model(
        tf.Siglip2Config(text_config={**_TEXT, "vocab_size": len(vocab)}, vision_config=vision)
    )
    tokenizer = tf.Siglip2Tokenizer(
        vocab={token: i for i, token in enumerate(vocab)}, merges=[], model_input_names=["input_ids"]
    )
    images = tf.Siglip2ImageProcessor(max_num_patches=16)
    return saved(folder, model, tf.Siglip2Processor(images, tokenizer))


def open_clip(folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True)
    name, file = _text_tower(folder, dimensions=32)
    return {"model": name, "pretrained": file}


def _depth_anything(folder: Path, kind: str) -> dict[str, Any]:
    backbone = tf.Dinov2Config(
        image_size=28, patch_size=14, hidden_size=32, num_hidden_layers=4, num_attention_heads=2,
        out_features=["stage1", "stage2", "stage3", "stage4"], reshape_hidden_states=False,
    )  # fmt: skip
    config = tf.DepthAnythingConfig(
        backbone_config=backbone, patch_size=14, reassemble_hidden_size=32, neck_hidden_sizes=[16] * 4,
        fusion_hidden_size=16, head_hidden_size=8, depth_estimation_type=kind, max_depth=20,
    )  # fmt: skip
    model = tf.DepthAnythingForDepthEstimation(config)
    spread(model.head, 0.5)
    images = tf.DPTImageProcessor(
        size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14
    )
    return saved(folder, model, images)


def depth_anything(folder: Path) -> dict[str, Any]:
    return _depth_anything(folder, "relative")


def depth_anything_metric(folder: Path) -> dict[str, Any]:
    return _depth_anything(folder, "metric")


def dpt(folder: Path) -> dict[str, Any]:
    config = tf.DPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, image_size=64,
        patch_size=16, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[16] * 4, fusion_hidden_size=16,
    )  # fmt: skip
    model = tf.DPTForDepthEstimation(config)
    return saved(folder, model, tf.DPTImageProcessor(size={"height": 64, "width": 64}))


def zoedepth(folder: Path) -> dict[str, Any]:
    backbone = tf.BeitConfig(
        image_size=64, patch_size=16, hidden_size=32, num_hidden_layers=4, num_attention_heads=2,
        intermediate_size=32, out_features=["stage1", "stage2", "stage3", "stage4"],
        reshape_hidden_states=False, use_relative_position_bias=True, add_fpn=False,
    )  # fmt: skip
    config = tf.ZoeDepthConfig(
        backbone_config=backbone, neck_hidden_sizes=[16] * 4, fusion_hidden_size=16, bottleneck_features=16,
        num_relative_features=8, bin_embedding_dim=8, num_attractors=[4, 2, 2, 1], backbone_hidden_size=32,
    )  # fmt: skip
    model = tf.ZoeDepthForDepthEstimation(config)
    spread(model, 0.2)
    images = tf.ZoeDepthImageProcessor(size={"height": 64, "width": 64}, ensure_multiple_of=16)
    return saved(folder, model, images)


def sam(folder: Path) -> dict[str, Any]:
    config = tf.SamConfig(
        vision_config={
            "hidden_size": 32, "output_channels": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "image_size": 64, "patch_size": 16, "mlp_dim": 32, "window_size": 2, "global_attn_indexes": [1],
            "num_pos_feats": 16,
        },
        **_sam_decoder(),
    )  # fmt: skip
    square, small = {"height": 64, "width": 64}, {"height": 16, "width": 16}
    images = tf.SamImageProcessor(
        size={"longest_edge": 64}, pad_size=square, mask_size={"longest_edge": 16}, mask_pad_size=small
    )
    return saved(folder, tf.SamModel(config), tf.SamProcessor(images))


def sam2(folder: Path) -> dict[str, Any]:
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 16, "image_size": [64, 64],
        "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [16, 32, 64, 128],
        "num_attention_heads_per_stage": [1, 2, 2, 2], "window_size_per_stage": [8, 4, 8, 4],
        "global_attention_blocks": [3], "window_positional_embedding_background_size": [4, 4],
    }  # fmt: skip
    config = tf.Sam2Config(
        vision_config={
            "backbone_config": backbone, "backbone_channel_list": [128, 64, 32, 16], "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        },
        **_sam_decoder(),
    )  # fmt: skip
    small = {"height": 16, "width": 16}
    images = tf.Sam2ImageProcessor(size={"height": 64, "width": 64}, mask_size=small)
    return saved(folder, tf.Sam2Model(config), tf.Sam2Processor(images, target_size=64))


def _sam_decoder() -> dict[str, Any]:
    return {
        "prompt_encoder_config": {
            "hidden_size": 32, "image_size": 64, "patch_size": 16, "mask_input_channels": 4
        },
        "mask_decoder_config": {
            "hidden_size": 32, "mlp_dim": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
    }  # fmt: skip


def qwen3_vl(folder: Path) -> dict[str, Any]:
    marks = {
        "image_token": "<|image_pad|>", "video_token": "<|video_pad|>",
        "vision_start_token": "<|vision_start|>", "vision_end_token": "<|vision_end|>",
    }  # fmt: skip
    tokenizer = word_tokenizer(tuple(marks.values()), extra_special_tokens=marks)
    ids = {name: tokenizer.convert_tokens_to_ids(mark) for name, mark in marks.items()}
    rope = {
        "rope_type": "default", "rope_theta": 10000, "mrope_section": [8, 4, 4], "mrope_interleaved": True
    }  # fmt: skip
    config = tf.Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 32, "rope_parameters": rope,
            "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 1,
        },
        vision_config={
            "depth": 2, "hidden_size": 32, "num_heads": 2, "intermediate_size": 32, "patch_size": 8,
            "spatial_merge_size": 2, "out_hidden_size": 64, "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0], "temporal_patch_size": 2,
        },
        image_token_id=ids["image_token"], video_token_id=ids["video_token"],
        vision_start_token_id=ids["vision_start_token"], vision_end_token_id=ids["vision_end_token"],
        tie_word_embeddings=False,
    )  # fmt: skip
    model = tf.Qwen3VLForConditionalGeneration(config)
    talkative(model.lm_head, tokenizer)
    processor = tf.Qwen3VLProcessor(
        image_processor=tf.Qwen2VLImageProcessor(
            patch_size=8, merge_size=2, size={"shortest_edge": 256, "longest_edge": 4096}
        ),
        tokenizer=tokenizer,
        video_processor=tf.Qwen3VLVideoProcessor(patch_size=8, merge_size=2),
        chat_template=(
            "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'image' %}"
            "<|vision_start|><|image_pad|><|vision_end|>{% else %} {{ c['text'] }}{% endif %}"
            "{% endfor %}{% endfor %}"
        ),
    )
    return {**saved(folder, model, processor), "max_new_tokens": 6}


def blip2(folder: Path) -> dict[str, Any]:
    """A model without a chat template."""
    tokenizer = word_tokenizer()  # the processor adds the image token
    text = tf.OPTConfig(
        vocab_size=len(tokenizer) + 1, hidden_size=32, ffn_dim=32, num_hidden_layers=1, num_attention_heads=2,
        word_embed_proj_dim=32, max_position_embeddings=64, pad_token_id=0, eos_token_id=1, bos_token_id=1,
    )  # fmt: skip
    config = tf.Blip2Config(
        vision_config={**_VISION, "image_size": 32, "patch_size": 16},
        qformer_config={
            "vocab_size": 40, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 32, "encoder_hidden_size": 32,
        },
        text_config=text.to_dict(),
        num_query_tokens=4,
        image_token_index=len(tokenizer),
    )  # fmt: skip
    model = tf.Blip2ForConditionalGeneration(config)
    talkative(model.language_model.lm_head, tokenizer)
    images = tf.BlipImageProcessor(size={"height": 32, "width": 32})
    return {
        **saved(folder, model, tf.Blip2Processor(images, tokenizer, num_query_tokens=4)), "max_new_tokens": 4
    }  # fmt: skip


def florence2() -> tuple[Any, Any]:
    """The model and its processor, unsaved: a random one writes no lines, so the test teaches it some."""
    places = [f"<loc_{i}>" for i in range(1000)]
    vocab = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<image>", *places, *WORDS])}
    inner = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.decoder = decoders.Fuse()
    tokenizer = tf.PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )  # fmt: skip
    tokenizer.add_tokens(places)
    text = {
        "model_type": "bart", "vocab_size": len(tokenizer), "d_model": 32, "encoder_layers": 1,
        "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32, "max_position_embeddings": 128, "pad_token_id": 1, "bos_token_id": 0,
        "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": None, "dropout": 0.0,
    }  # fmt: skip
    vision = {
        "depths": [1, 1], "embed_dim": [16, 32], "num_heads": [2, 2], "num_groups": [2, 2], "window_size": 4,
        "patch_size": [7, 3], "patch_stride": [4, 2], "patch_padding": [3, 1], "patch_prenorm": [False, True],
        "projection_dim": 32, "drop_path_rate": 0.0,
    }  # fmt: skip
    config = tf.Florence2Config(
        text_config=text, vision_config=vision, image_token_id=tokenizer.convert_tokens_to_ids("<image>")
    )
    images = tf.CLIPImageProcessor(
        size={"height": 32, "width": 32}, crop_size={"height": 32, "width": 32}, do_center_crop=False
    )
    images.image_seq_length = 17
    line = r"(.+?)" + r"<loc_(\d+)>" * 8
    parsing = {"ocr": {"pattern": line, "area_threshold": 0.0}}
    processor = tf.Florence2Processor(images, tokenizer, post_processor_config=parsing)
    return tf.Florence2ForConditionalGeneration(config), processor
