"""What a GPU of a given size must do without. Estimates by arithmetic from the checkpoints' sizes; never measured."""

from dataclasses import dataclass

# Published sizes of the fp32 checkpoints, GB.
SS_GENERATOR, SLAT_GENERATOR, DECODERS, DEPTH = 6.69, 4.91, 0.68, 1.26
# SAM 3 in half precision, which shares the GPU, and what CUDA itself takes for two processes.
SAM3, CONTEXTS = 1.7, 1.2
# Activations, sparse convolutions and the mesh's extraction at their worst.
WORKSPACE = 6.0
RESERVE = 2.0


class GpuTooSmall(Exception):
    """Said at start-up: a job would only find out later."""


@dataclass(frozen=True)
class MemoryPlan:
    # The largest stage alone on the GPU, the others in main memory.
    offload: bool
    # Of the worker's process, before it imports torch.
    environment: dict[str, str]
    expected_gb: float


def plan_memory(gpu_gb: float) -> MemoryPlan:
    """The first plan that fits; GpuTooSmall where none does."""
    # flash_attn is chosen by itself only on A100 and H100; the other choice builds a dense T x T table.
    environment = {"ATTN_BACKEND": "flash_attn", "SPARSE_ATTN_BACKEND": "flash_attn"}
    frugal = {**environment, "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}
    shared = SAM3 + CONTEXTS + WORKSPACE
    all_weights = SS_GENERATOR + SLAT_GENERATOR + DECODERS + DEPTH
    plans = (
        MemoryPlan(False, environment, all_weights + shared),
        MemoryPlan(True, frugal, SS_GENERATOR + shared),
    )
    for plan in plans:
        if plan.expected_gb + RESERVE <= gpu_gb:
            return plan
    least = plans[-1].expected_gb + RESERVE
    raise GpuTooSmall(f"the GPU has {gpu_gb:.1f} GB; SAM 3D Objects needs about {least:.0f} GB")
