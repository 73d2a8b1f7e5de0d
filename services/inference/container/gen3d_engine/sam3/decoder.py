"""The prompt decoder as one ONNX file, exported from the weights that are loaded. Chapter 7 documents its inputs."""

import copy
import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import Sam3TrackerModel

from gen3d_engine.sam3.lean_decoder import LeanMaskDecoder

NAME = "sam3"
# Of this file's inputs and outputs; the weights' part of the version is the file's hash.
EXPORT_VERSION = "1"
# What onnxruntime-web reads; 17 has LayerNormalization as one operator.
OPSET = 17
INPUTS = ("high_res_0", "high_res_1", "image", "point_coords", "point_labels", "mask_input", "has_mask")
OUTPUTS = ("masks", "scores", "object_score")


@dataclass(frozen=True)
class DecoderFile:
    file: Path
    name: str
    version: str
    sha256: str


class PromptDecoder(nn.Module):
    """Points, boxes as labels 2 and 3, and padding go through one path; a previous mask is switched by a number."""

    image_positions: Tensor

    def __init__(self, model: Sam3TrackerModel) -> None:
        super().__init__()
        with torch.no_grad():
            positions = model.get_image_wide_positional_embeddings()
        self.register_buffer("image_positions", positions.detach().float().cpu())
        # In full precision whatever the encoder runs in: 4 million weights.
        self.prompts = copy.deepcopy(model.prompt_encoder).float().cpu()
        decoder = copy.deepcopy(model.mask_decoder).float().cpu()
        decoder.config._attn_implementation = "eager"
        self.decoder = LeanMaskDecoder(decoder)

    def forward(
        self,
        high_res_0: Tensor,
        high_res_1: Tensor,
        image: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        sparse = self.prompts._embed_points(point_coords, point_labels, pad=False)
        without = self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        dense = torch.where(has_mask.reshape(1, 1, 1, 1) > 0.5, self.prompts.mask_embed(mask_input), without)
        masks, scores, object_score = self.decoder(image, self.image_positions, sparse, dense, (high_res_0, high_res_1))
        return masks, scores, object_score


def export_decoder(decoder: PromptDecoder, embeddings: list[Tensor], folder: Path) -> DecoderFile:
    """Writes `decoder`; `embeddings` (any photo's) give the shapes."""
    wrapper = decoder.eval()
    side = wrapper.prompts.mask_input_size
    example = (
        *(tensor.detach().float().cpu() for tensor in embeddings),
        torch.zeros(1, 1, 2, 2),
        torch.tensor([[[1, -1]]]),
        torch.zeros(1, 1, *side),
        torch.zeros(1),
    )
    path = folder / "decoder.onnx"
    with torch.no_grad():
        torch.onnx.export(
            wrapper,
            example,
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={"point_coords": {2: "points"}, "point_labels": {2: "points"}},
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return DecoderFile(path, NAME, f"{EXPORT_VERSION}-{digest[:16]}", digest)
