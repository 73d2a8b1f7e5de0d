"""Objects in a photo by words: SAM 3's detector, on the image encoder that the clicks' model runs, too."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers import CLIPTokenizer, Sam3Model, Sam3TrackerModel

from gen3d_engine.contract import CONTRACT
from gen3d_engine.images import Mask
from gen3d_engine.sam3.load import load_part
from gen3d_engine.weights import WeightsWrong

# As SAM 3's own code has it: below, the model itself holds it for less likely than not.
LEAST_SCORE = 0.5
MOST = int(CONTRACT["max_candidates"])


@dataclass(frozen=True)
class Candidate:
    # True inside, of the photo's size.
    mask: Mask
    # 0-1.
    score: float
    # x0, y0, x1, y1: inclusive pixel indices of the photo.
    box: tuple[int, int, int, int]


class Finder:
    def __init__(self, folder: Path, tracker: Sam3TrackerModel, dtype: torch.dtype) -> None:
        """Loads the detector from `folder`; it runs where `tracker` is. WeightsWrong where a parameter is missing."""
        model = load_part(Sam3Model, folder, dtype)
        # Both published parts were trained on one encoder, more than half of all parameters: it is held once.
        model.vision_encoder.backbone = tracker.vision_encoder.backbone
        self._model = model.to(tracker.device)
        self._words = load_tokenizer(folder)
        self._most_tokens = int(model.config.text_config.max_position_embeddings)

    def find(self, pixels: Tensor, size: tuple[int, int], text: str) -> list[Candidate]:
        """What `text` names in a photo of `size` (width, height); `pixels` is [1, 3, side, side] as for an embedding.

        The likeliest first, at most eight; none is an answer. Words beyond 30 tokens are not read.
        """
        words = self._words(
            text, padding="max_length", truncation=True, max_length=self._most_tokens, return_tensors="pt"
        )
        with torch.inference_mode():
            answer = self._model(
                pixel_values=pixels,
                input_ids=words["input_ids"].to(pixels.device),
                attention_mask=words["attention_mask"].to(pixels.device),
            )
            scores = (answer.pred_logits.float().sigmoid() * answer.presence_logits.float().sigmoid())[0]
            best = scores.argsort(descending=True, stable=True)[:MOST]
            likely = [int(i) for i in best if scores[i] >= LEAST_SCORE]
            found = [
                Candidate(
                    to_mask(answer.pred_masks[0, i], size),
                    float(scores[i]),
                    to_box(answer.pred_boxes[0, i].float().tolist(), size),
                )
                for i in likely
            ]
        return [candidate for candidate in found if candidate.mask.any()]


def to_mask(logits: Tensor, size: tuple[int, int]) -> Mask:
    """[h, w] -> the photo's size. One at a time: of 40 megapixels each takes 160 MB on its way."""
    large = interpolate(logits.float()[None, None], size=(size[1], size[0]), mode="bilinear", align_corners=False)
    mask: Mask = np.asarray((large[0, 0] > 0).cpu())
    return mask


def to_box(corners: list[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """From parts of the photo's sides, 0-1, to the outermost pixels that the box touches, at least one."""
    x0, y0, x1, y1 = (min(1.0, max(0.0, corner)) for corner in corners)

    def span(low: float, high: float, pixels: int) -> tuple[int, int]:
        first = min(pixels - 1, math.floor(low * pixels))
        return first, max(first, math.ceil(high * pixels) - 1)

    (left, right), (top, bottom) = span(x0, x1, size[0]), span(y0, y1, size[1])
    return left, top, right, bottom


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """Byte pairs of lower-case text, from the two published tables alone."""
    try:
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        lines = (folder / "merges.txt").read_text("utf-8").splitlines()
        # The first line names the format's version.
        pairs = [(first, second) for first, second in (line.split() for line in lines[1:] if line)]
    except ValueError as error:
        raise WeightsWrong(f"weights changed: the tables of words cannot be read: {error}") from error
    return CLIPTokenizer(vocab=vocabulary, merges=pairs)
