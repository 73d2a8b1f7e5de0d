"""`python -m tests.make_decoder_fixtures FOLDER [--full-decoder]`: what any decoder must answer as PyTorch does.

With --full-decoder for timing alone: so many random weights multiply rounding far above 1e-3.
Writes into FOLDER, the same bytes for each call:
  decoder.onnx, embedding.safetensors   as an embed job leaves them
  cases.json                            a list of {name, point_coords, point_labels, has_mask}
  expected.safetensors                  for case I: masks.I, scores.I, object_score.I and its mask_input.I
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from gen3d_engine.protocol import Call
from gen3d_engine.sam3.engine import TENSORS, Sam3Engine
from tests.conftest import jpeg
from tests.make_tiny_weights import FULL_DECODER, TINY, write_tiny_weights

# Points, their labels, a box; on a photo of 224 units, and whether a previous mask is given.
CASES: dict[str, tuple[list[tuple[float, float]], list[int], tuple[float, ...] | None, bool]] = {
    "one point": ([(100.0, 60.0)], [1], None, False),
    "three points": ([(100.0, 60.0), (20.0, 200.0), (150.5, 150.5)], [1, 0, 1], None, False),
    "box": ([], [], (30.0, 40.0, 180.0, 200.0), False),
    "box and points": ([(100.0, 60.0), (50.0, 50.0)], [1, 0], (30.0, 40.0, 180.0, 200.0), False),
    "point and previous mask": ([(100.0, 60.0)], [1], None, True),
}


def previous_mask(side: int) -> Tensor:
    return torch.randn(1, 1, side, side, generator=torch.Generator().manual_seed(1)) * 4


def decoder_inputs(case: str, side: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the ONNX file takes: points, then the box as labels 2 and 3, then one padding point; `side` of the mask."""
    points, labels, box, with_mask = CASES[case]
    all_points = [*points, *([box[:2], box[2:]] if box else []), (0.0, 0.0)]
    all_labels = [*labels, *([2, 3] if box else []), -1]
    mask = previous_mask(side) if with_mask else torch.zeros(1, 1, side, side)
    return torch.tensor([[all_points]]), torch.tensor([[all_labels]]), mask, torch.tensor([float(with_mask)])


def ask_pytorch(engine: Sam3Engine, tensors: list[Tensor], case: str) -> Any:
    """The model's own answer, asked as its users ask it: points and boxes apart."""
    points, labels, box, with_mask = CASES[case]
    with torch.no_grad():
        return engine._model(
            image_embeddings=tensors,
            multimask_output=True,
            input_points=torch.tensor([[points]]) if points else None,
            input_labels=torch.tensor([[labels]]) if points else None,
            input_boxes=torch.tensor([[box]]) if box else None,
            input_masks=previous_mask(4 * tensors[2].shape[-1]) if with_mask else None,
        )


def write_fixtures(folder: Path, full: bool) -> None:
    models = folder / "models"
    write_tiny_weights(models, FULL_DECODER if full else TINY)
    engine = Sam3Engine(models, "tiny-sam3", "random")
    (folder / "photo.jpg").write_bytes(jpeg())
    made = engine.run(Call("embed", folder / "photo.jpg", [], None, folder), lambda stage, fraction: None)
    (folder / "embedding").rename(folder / "embedding.safetensors")
    (folder / "decoder.onnx").write_bytes(Path(made["decoder"]["file"]).read_bytes())
    tensors = load_file(folder / "embedding.safetensors")
    floats = [tensors[name].float() for name in TENSORS]
    cases, expected = [], {}
    for i, name in enumerate(CASES):
        coords, labels, mask, has_mask = decoder_inputs(name, 4 * floats[2].shape[-1])
        answer = ask_pytorch(engine, floats, name)
        cases.append(
            {
                "name": name,
                "point_coords": coords[0, 0].tolist(),
                "point_labels": labels[0, 0].tolist(),
                "has_mask": float(has_mask),
            }
        )
        expected[f"masks.{i}"] = answer.pred_masks.contiguous()
        expected[f"scores.{i}"] = answer.iou_scores.contiguous()
        expected[f"object_score.{i}"] = answer.object_score_logits.contiguous()
        expected[f"mask_input.{i}"] = mask
    (folder / "cases.json").write_text(json.dumps(cases, indent=1))
    save_file(expected, folder / "expected.safetensors")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write_fixtures(target, "--full-decoder" in sys.argv)
