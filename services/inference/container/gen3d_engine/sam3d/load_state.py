"""Puts the converted checkpoints into SAM 3D Objects' modules, strictly: its own reading of safetensors would leave a
parameter that is missing as it was made, and its reading of pickles runs what they ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from gen3d_engine.weights import WeightsWrong

# From a checkpoint's tensors to those of one module, under the module's own names.
Choose = Callable[[dict[str, Any]], dict[str, Any]]


def load_state(module: torch.nn.Module, checkpoint: Path, choose: Choose | None) -> None:
    """`checkpoint` is the published name (`…/ss_generator.ckpt`); its parts lie beside it as safetensors. WeightsWrong
    where a parameter has no tensor, a tensor no parameter, or shapes differ. Leaves `module` frozen, ready to run."""
    parts = sorted([*checkpoint.parent.glob(f"{checkpoint.stem}.safetensors"), *_split_parts(checkpoint)])
    if not parts:
        raise WeightsWrong(f"weights missing: {checkpoint.stem}.safetensors")
    state: dict[str, torch.Tensor] = {}
    for part in parts:
        with safe_open(str(part), "pt", device="cpu") as file:
            # It only picks and renames: what it is given as values are the names themselves.
            chosen = {name: name for name in file.keys()}  # noqa: SIM118
            for name, published in (choose(chosen) if choose else chosen).items():
                state[name] = file.get_tensor(published)
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise WeightsWrong(f"weights do not fit: {checkpoint.stem}: {_first_lines(error)}") from error
    module.requires_grad_(False).eval()


def _split_parts(checkpoint: Path) -> list[Path]:
    return list(checkpoint.parent.glob(f"{checkpoint.stem}.*.safetensors"))


def _first_lines(error: Exception) -> str:
    return " ".join(f"{error}".split())[:300]
