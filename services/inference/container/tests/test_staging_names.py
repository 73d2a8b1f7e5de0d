"""The whole of SAM 3 as it is published, detector, tracker and video memory, small and random: what is kept of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Sam3Model, Sam3TrackerModel, Sam3VideoConfig, Sam3VideoModel

from gen3d_engine.staging.prepare import prepare_file
from tests.make_tiny_weights import TINY, make_config, published_name

WIDTH = 256


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, torch.Tensor]]:
    """The folder, and the published tensors."""
    folder = tmp_path_factory.mktemp("video")
    vision = {**make_config(TINY).vision_config.to_dict(), "fpn_hidden_size": WIDTH}
    small = {"num_layers": 1, "intermediate_size": 64}
    text = {
        **{"vocab_size": 100, "hidden_size": 64, "intermediate_size": 64, "projection_dim": 32},
        **{"num_hidden_layers": 1, "num_attention_heads": 4, "max_position_embeddings": 32},
        **{"bos_token_id": 0, "eos_token_id": 1},
    }
    detector = {
        "vision_config": vision,
        "text_config": text,
        "geometry_encoder_config": small,
        "detr_encoder_config": small,
        "detr_decoder_config": {**small, "num_queries": 5},
    }
    tracker = {
        "vision_config": vision,
        "prompt_encoder_config": {"image_size": TINY.side, "patch_size": 14},
        "mask_decoder_config": {"mlp_dim": 64},
        "memory_attention_num_layers": 1,
        "memory_attention_feed_forward_hidden_size": 64,
    }
    torch.manual_seed(4)
    model = Sam3VideoModel(Sam3VideoConfig(detector_config=detector, tracker_config=tracker))
    model.config.save_pretrained(folder / "sam3")
    # The names of the published file are the model's own; save_pretrained would put one of the prefixes twice.
    published = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(published, folder / "sam3" / "model.safetensors", {"format": "pt"})
    for name in ("sam3/config.json", "sam3/model.safetensors"):
        prepare_file(name, folder / name, folder / "made")
    return folder / "made" / "sam3", published


@pytest.mark.parametrize(
    ("kind", "name_of"),
    [(Sam3TrackerModel, published_name), (Sam3Model, lambda key: f"detector_model.{key}")],
)
def test_what_is_kept_is_all_that_clicks_and_texts_need(
    converted: tuple[Path, dict[str, torch.Tensor]], kind: Any, name_of: Callable[[str], str]
) -> None:
    folder, published = converted
    model, info = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True, dtype=torch.float32)
    assert not info["missing_keys"]
    assert not info["mismatched_keys"]
    for key, tensor in model.named_parameters():
        before = published[name_of(key)]
        whole = name_of(key).startswith("tracker_model.")
        assert torch.equal(tensor, before if whole else before.half().float()), key


def test_the_video_memory_is_left_out_and_nothing_else(converted: tuple[Path, dict[str, torch.Tensor]]) -> None:
    folder, published = converted
    kept = {name for file in folder.glob("*.safetensors") for name in load_file(file)}
    left = {name.split(".")[1] for name in published.keys() - kept}
    assert left == {
        "mask_downsample",
        "memory_attention",
        "memory_encoder",
        "memory_temporal_positional_encoding",
        "no_memory_positional_encoding",
        "no_object_pointer",
        "object_pointer_proj",
        "occlusion_spatial_embedding_parameter",
        "temporal_positional_encoding_projection_layer",
    }
    assert kept <= published.keys()
