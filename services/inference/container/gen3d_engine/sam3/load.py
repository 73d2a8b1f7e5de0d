"""One of the models that share SAM 3's published file, with nothing invented."""

from pathlib import Path
from typing import TypeVar

import torch
from transformers import PreTrainedModel

from gen3d_engine.weights import WeightsWrong

Model = TypeVar("Model", bound=PreTrainedModel)


def load_part(kind: type[Model], folder: Path, dtype: torch.dtype) -> Model:
    """`kind`'s parameters from `folder`. WeightsWrong where one is missing: its initial value would stay."""
    model, info = kind.from_pretrained(folder, local_files_only=True, output_loading_info=True, dtype=dtype)
    wrong = sorted({*info["missing_keys"], *(str(key) for key in info["mismatched_keys"])})
    if wrong:
        raise WeightsWrong(f"weights incomplete: sam3 lacks {wrong[0]} and {len(wrong) - 1} more")
    part: Model = model.eval()
    return part
