"""`python tests/make_tiny_weights.py FOLDER [--full-decoder]`: a model folder with a tiny SAM 3, random by one seed.

Its keys are those of the published file, and it is converted as that one is: the real code reads it. Its masks are
noise, and its words are letters, but for one word that it knows: a vocabulary made here.
With --full-decoder the encoder stays tiny, but the decoder and its inputs have their published size: for timing it.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    Sam3Config,
    Sam3Model,
    Sam3TrackerConfig,
    Sam3TrackerModel,
    Sam3VideoConfig,
    Sam3VisionConfig,
    Sam3ViTConfig,
)

sys.path.insert(0, str(Path(__file__).parents[1]))

from gen3d_engine.staging.prepare import prepare_file, write_lock
from gen3d_engine.staging.tensor_files import Written

SEED = 3
PATCH = 14
# Objects that the detector can find at most.
QUERIES = 12
MERGES = ["d u", "c k</w>", "du ck</w>"]


@dataclass(frozen=True)
class Size:
    # Of the squashed photo, pixels.
    side: int
    window: int
    # Of the decoder and what it reads.
    width: int
    mlp: int
    heads: int
    mask_channels: int


TINY = Size(side=224, window=8, width=32, mlp=64, heads=4, mask_channels=8)
FULL_DECODER = Size(side=1008, window=24, width=256, mlp=2048, heads=8, mask_channels=16)


def make_config(size: Size) -> Sam3TrackerConfig:
    grid = size.side // PATCH
    vision = Sam3VisionConfig(
        backbone_config=Sam3ViTConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            image_size=size.side,
            patch_size=PATCH,
            window_size=size.window,
            global_attn_indexes=[1] if size is TINY else [],
        ),
        fpn_hidden_size=size.width,
        # As published: three levels, the patches' grid and twice and four times as fine.
        scale_factors=[4.0, 2.0, 1.0],
        backbone_feature_sizes=[[4 * grid, 4 * grid], [2 * grid, 2 * grid], [grid, grid]],
    )
    return Sam3TrackerConfig(
        vision_config=vision.to_dict(),
        prompt_encoder_config={
            "hidden_size": size.width,
            "image_size": size.side,
            "patch_size": PATCH,
            "mask_input_channels": size.mask_channels,
        },
        mask_decoder_config={
            "hidden_size": size.width,
            "mlp_dim": size.mlp,
            "num_hidden_layers": 2,
            "num_attention_heads": size.heads,
            "iou_head_hidden_dim": size.width,
        },
    )


def make_detector_config(size: Size) -> Sam3Config:
    """The detector has a fourth, coarser level of features, which it leaves out itself."""
    vision = {**make_config(size).vision_config.to_dict(), "scale_factors": [4.0, 2.0, 1.0, 0.5], "fpn_hidden_size": 32}
    layers = {"hidden_size": 32, "num_layers": 1, "num_attention_heads": 4, "intermediate_size": 64}
    text = {
        **{"vocab_size": len(vocabulary()), "hidden_size": 48, "intermediate_size": 64, "projection_dim": 32},
        **{"num_hidden_layers": 1, "num_attention_heads": 4, "max_position_embeddings": 32, "hidden_act": "gelu"},
        **{"bos_token_id": 0, "eos_token_id": 1},
    }
    return Sam3Config(
        vision_config=vision,
        text_config=text,
        geometry_encoder_config=layers,
        detr_encoder_config=layers,
        detr_decoder_config={**layers, "num_queries": QUERIES},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 4},
    )


def vocabulary() -> dict[str, int]:
    """Every byte inside a word and at its end, then what MERGES make, numbered."""
    letters = sorted(ByteLevel.alphabet())
    names = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    names += [merge.replace(" ", "") for merge in MERGES]
    return {name: number for number, name in enumerate(names)}


def make_model(size: Size) -> Sam3TrackerModel:
    torch.manual_seed(SEED)
    return randomise(Sam3TrackerModel(make_config(size)))


def make_detector(size: Size, tracker: Sam3TrackerModel) -> Sam3Model:
    torch.manual_seed(SEED)
    model = randomise(Sam3Model(make_detector_config(size)))
    model.vision_encoder.backbone = tracker.vision_encoder.backbone
    with torch.no_grad():
        # Sure of some words and not at all of others; as it comes, noise is half sure of all of them.
        head = model.detr_decoder.presence_head.layer3
        head.weight.mul_(8)
        head.bias.fill_(-4.0)
    return model


def randomise(model: Any) -> Any:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Far larger than the initial 0.02: where a prompt changes nothing, equality proves nothing.
            if parameter.dim() == 2 and ("embed" in name or "token" in name):
                parameter.copy_(torch.randn_like(parameter))
            elif parameter.dim() >= 2:
                parameter.copy_(torch.randn_like(parameter) * 1.5 / parameter[0].numel() ** 0.5)
    return model.eval()


def published_name(key: str) -> str:
    """As facebook/sam3 names the tracker's parameters."""
    key = key.removeprefix("tracker_model.")
    if key.startswith("vision_encoder.backbone."):
        return f"detector_model.{key}"
    if key.startswith("vision_encoder.neck."):
        return key.replace("vision_encoder.neck.", "tracker_neck.")
    return key if key.startswith(("detector_model.", "tracker_neck.")) else f"tracker_model.{key}"


def write_published(folder: Path, size: Size = TINY) -> None:
    """`folder`/sam3 as facebook/sam3 has it."""
    tracker = make_model(size)
    save_published(folder / "sam3", tracker, make_detector(size, tracker))


def save_published(sam3: Path, tracker: Sam3TrackerModel, detector: Sam3Model) -> None:
    """The two models, which share an encoder, as the one published file has them, with configuration and words."""
    configs = {"detector_config": detector.config.to_dict(), "tracker_config": tracker.config.to_dict()}
    Sam3VideoConfig(**configs).save_pretrained(sam3)
    tensors = {published_name(key): tensor for key, tensor in tracker.state_dict().items()}
    tensors |= {f"detector_model.{key}": tensor for key, tensor in detector.state_dict().items()}
    alone = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    save_file(alone, sam3 / "model.safetensors", {"format": "pt"})
    (sam3 / "vocab.json").write_text(json.dumps(vocabulary()))
    (sam3 / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]) + "\n")


def write_tiny_weights(folder: Path, size: Size = TINY) -> None:
    """What the container loads: the published files, converted as `gen3d admin weights` has it done."""
    with tempfile.TemporaryDirectory() as published:
        write_published(Path(published), size)
        files = [path for path in Path(published).rglob("*") if path.is_file()]
        made: dict[str, Written] = {}
        for path in files:
            made.update(prepare_file(path.relative_to(published).as_posix(), path, folder))
    write_lock(folder, made, {})


if __name__ == "__main__":
    write_tiny_weights(Path(sys.argv[1]), FULL_DECODER if "--full-decoder" in sys.argv else TINY)
