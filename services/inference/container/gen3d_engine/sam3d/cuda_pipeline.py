"""SAM 3D Objects itself. Written from its source at cf06676 and NEVER RUN: it needs CUDA and the gated weights.

Paths and arguments: notebook/inference.py and sam3d_objects/pipeline/inference_pipeline_pointmap.py there.
"""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gen3d_engine.sam3d.arrays import Floats, Mesh, Splat
from gen3d_engine.sam3d.frames import Pose
from gen3d_engine.sam3d.load_state import Choose, load_state
from gen3d_engine.sam3d.memory_plan import MemoryPlan, plan_memory
from gen3d_engine.sam3d.offload import keep_on_cpu
from gen3d_engine.sam3d.pipeline import RawObject
from gen3d_engine.sam3d.presets import Preset

CODE_VERSION = "sam-3d-objects@cf06676"
# One after the other on the GPU where memory is short.
STAGES = ("ss_generator", "slat_generator", "ss_decoder", "slat_decoder_gs", "slat_decoder_mesh")
# Where the image's build lays DINOv2's source; its parameters are part of the checkpoints.
DINO_FOLDER = Path("/opt/sam3d/dinov2")


def load_pipeline(folder: Path, weights: str) -> "CudaPipeline":
    """Loads `folder`/sam3d, whose files were checked. GpuTooSmall, or whatever CUDA raises."""
    plan = plan_memory(_gpu_gb())
    # Before the import: sam3d_objects reads them as it is imported.
    os.environ.update(plan.environment, LIDRA_SKIP_INIT="true")
    os.environ.setdefault("CONDA_PREFIX", sys.prefix)
    stay_off_the_hub()
    return CudaPipeline(_instantiate(folder / "sam3d"), plan, weights)


class CudaPipeline:
    def __init__(self, pipeline: Any, plan: MemoryPlan, weights: str) -> None:
        self._pipeline = pipeline
        self.models = {"sam3d": f"sha256:{weights}", "sam3d_code": CODE_VERSION}
        if plan.offload:
            for name in STAGES:
                keep_on_cpu(pipeline.models[name], pipeline.device)

    def make(self, rgba: NDArray[np.uint8], seed: int, preset: Preset, *, with_mesh: bool) -> RawObject:
        output = self._pipeline.run(
            rgba,
            None,
            seed,
            stage1_only=False,
            with_mesh_postprocess=False,
            with_texture_baking=False,
            # It aligns the pose to the mask by rendering the mesh.
            with_layout_postprocess=with_mesh,
            use_vertex_color=True,
            stage1_inference_steps=preset.shape_steps,
            stage2_inference_steps=preset.detail_steps,
            use_stage1_distillation=preset.distilled,
            use_stage2_distillation=preset.distilled,
            decode_formats=["gaussian", "mesh"] if with_mesh else ["gaussian"],
        )
        return to_raw_object(output)

    def free_memory(self) -> None:
        import torch

        torch.cuda.empty_cache()

    def measure(self) -> dict[str, float]:
        import torch

        peak = torch.cuda.max_memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        return {"peak_gpu_bytes": peak}


def to_raw_object(output: dict[str, Any]) -> RawObject:
    """What `run` returns, as plain arrays."""
    gaussian = output["gaussian"][0]
    splat = Splat(
        centres=_floats(gaussian.get_xyz),
        scales=_floats(gaussian.get_scaling),
        rotations=_floats(gaussian.get_rotation),
        opacities=_floats(gaussian.get_opacity).reshape(-1),
        colours=_floats(gaussian.get_features).reshape(-1, 3),
    )
    scale = _floats(output["scale"]).reshape(3)
    if not np.allclose(scale, scale[0], rtol=1e-3):
        raise ValueError(f"the object's scale is not uniform: {scale}")
    pose = Pose(
        rotation=_floats(output["rotation"]).reshape(4),
        translation=_floats(output["translation"]).reshape(3),
        scale=float(scale[0]),
    )
    return RawObject(splat, _to_mesh(output), pose, _floats(output["pointmap"]))


def _to_mesh(output: dict[str, Any]) -> Mesh | None:
    if "mesh" not in output:
        return None
    mesh = output["mesh"][0]
    return Mesh(
        vertices=_floats(mesh.vertices),
        faces=mesh.faces.detach().cpu().numpy().astype(np.uint32),
        # Three of red, green and blue, then what normals were baked from.
        colours=np.clip(_floats(mesh.vertex_attrs)[:, :3], 0, 1),
    )


def _floats(tensor: Any) -> Floats:
    values: Floats = tensor.detach().float().cpu().numpy().astype(np.float64)
    return values


def _gpu_gb() -> float:
    import torch

    if not torch.cuda.is_available():
        raise RuntimeError("SAM 3D Objects needs a GPU, and this machine has none that CUDA sees")
    return float(torch.cuda.get_device_properties(0).total_memory) / 1e9


def stay_off_the_hub() -> None:
    """DINOv2 comes from the image's own folder and without parameters: the checkpoints are loaded strictly over it."""
    import torch

    original = torch.hub.load

    def load(*_: Any, model: str, **kwargs: Any) -> Any:
        wanted = {name: value for name, value in kwargs.items() if name not in ("repo_or_dir", "source", "pretrained")}
        return original(str(DINO_FOLDER), model, source="local", pretrained=False, **wanted)

    torch.hub.load = load  # type: ignore[assignment]


def load_module(
    _: Any,
    config: Any,
    ckpt_path: str,
    state_dict_fn: Choose | None = None,
    state_dict_key: Any = None,  # noqa: ARG001
    device: Any = None,
) -> Any:
    """Stands in the pipeline's class for its own method of this form."""
    from hydra.utils import instantiate

    module = instantiate(config)
    load_state(module, Path(ckpt_path), state_dict_fn)
    return module.to(device)


def _instantiate(folder: Path) -> Any:
    from hydra.utils import instantiate
    from omegaconf import OmegaConf
    from sam3d_objects.pipeline.inference_pipeline import InferencePipeline

    InferencePipeline.instantiate_and_load_from_pretrained = load_module
    file = folder / "checkpoints" / "pipeline.yaml"
    config = OmegaConf.load(file)
    config.rendering_engine = "pytorch3d"  # nvdiffrast is for non-commercial use alone
    config.compile_model = False
    config.workspace_dir = str(file.parent)
    # Of formats that are never asked for, and of training.
    for name in ("slat_decoder_gs_4", "ss_encoder"):
        config[f"{name}_config_path"] = config[f"{name}_ckpt_path"] = None
    # MoGe's repository id stands here; a path makes it load that file.
    config.depth_model.model.pretrained_model_name_or_path = str(folder / "moge" / "model.pt")
    return instantiate(config)
