"""What stands around SAM 3D Objects and needs neither its code nor a GPU."""

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gen3d_engine.contract import CONTRACT
from gen3d_engine.sam3d.cuda_pipeline import stay_off_the_hub, to_raw_object
from gen3d_engine.sam3d.memory_plan import GpuTooSmall, plan_memory
from gen3d_engine.sam3d.offload import keep_on_cpu
from gen3d_engine.sam3d.presets import PRESETS
from gen3d_engine.sam3d.simplify import simplify
from tests.fake_gpu.fake_gpu_worker import egg

ENGINE = Path(__file__).parents[1] / "gen3d_engine"


def test_a_48_gb_gpu_keeps_all_and_a_24_gb_gpu_gives_up_in_order() -> None:
    # What CUDA reports for an L40S, an A10G and a T4.
    comfortable, frugal = plan_memory(47.7), plan_memory(23.7)
    assert (comfortable.offload, frugal.offload) == (False, True)
    assert frugal.expected_gb < 23.7 - 2
    assert "PYTORCH_CUDA_ALLOC_CONF" in frugal.environment
    assert comfortable.environment["ATTN_BACKEND"] == "flash_attn"
    with pytest.raises(GpuTooSmall, match=r"16\.0 GB"):
        plan_memory(16)


def test_every_quality_of_the_contract_has_a_preset() -> None:
    options = CONTRACT["schemas"]["InferenceRequest"]["properties"]["options"]["anyOf"][0]
    assert set(PRESETS) == set(options["properties"]["quality"]["enum"])
    assert PRESETS["draft"].shape_steps < PRESETS["standard"].shape_steps < PRESETS["high"].shape_steps


def test_a_mesh_loses_triangles_and_keeps_its_shape_and_its_colours() -> None:
    full = egg()
    less = simplify(full, 400)
    assert len(less.faces) <= 400 < len(full.faces)
    assert np.ptp(less.vertices, axis=0) == pytest.approx(np.ptp(full.vertices, axis=0), rel=0.05)
    # The egg's colour is where it is: each vertex still has about its own.
    assert np.abs(less.colours - (less.vertices + 0.5)).max() < 0.1
    assert int(less.faces.max()) < len(less.vertices)
    assert simplify(less, 500) is less


def test_a_stage_waits_in_one_block_and_computes_what_it_did() -> None:
    """That it is on the GPU while it runs is seen where there is one, by gpu_check.py."""
    plain = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.BatchNorm1d(5)).eval()
    stage = copy.deepcopy(plain)
    keep_on_cpu(stage, torch.device("cpu"))
    given = torch.randn(4, 3)
    assert torch.equal(stage(given), plain(given))
    with pytest.raises(RuntimeError):
        stage(torch.randn(4, 2))
    state = stage.state_dict()
    assert len({tensor.untyped_storage().data_ptr() for tensor in state.values()}) == 1
    assert all(tensor.data_ptr() % 64 == 0 for tensor in state.values())
    assert all(torch.equal(state[name], tensor) for name, tensor in plain.state_dict().items())


def test_dinov2_comes_from_the_image_and_without_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(torch.hub, "load", lambda *args, **kwargs: asked.append((args, kwargs)))
    stay_off_the_hub()
    # As sam3d_objects' Dino calls it.
    torch.hub.load(
        repo_or_dir="facebookresearch/dinov2",
        model="dinov2_vitl14_reg",
        source="github",
        verbose=False,
        pretrained=True,
    )
    [(args, kwargs)] = asked
    assert args == ("/opt/sam3d/dinov2", "dinov2_vitl14_reg")
    assert kwargs == {"source": "local", "pretrained": False, "verbose": False}


class FakeGaussian:
    """The properties of sam3d_objects' Gaussian that are read, on a CPU."""

    get_xyz = torch.rand(7, 3)
    get_scaling = torch.rand(7, 3) + 0.1
    get_rotation = torch.nn.functional.normalize(torch.rand(7, 4))
    get_opacity = torch.rand(7, 1)
    get_features = torch.rand(7, 1, 3)


def published_output(**more: Any) -> dict[str, Any]:
    return {
        "gaussian": [FakeGaussian()],
        "rotation": torch.tensor([[1.0, 0, 0, 0]]),
        "translation": torch.tensor([[0.0, 0, 2]]),
        "scale": torch.tensor([[0.5, 0.5, 0.5]]),
        "pointmap": torch.rand(6, 8, 3),
        **more,
    }


def test_the_tensors_of_a_run_become_arrays_of_the_right_shape() -> None:
    class Extracted:
        vertices = torch.rand(4, 3)
        faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
        vertex_attrs = torch.rand(4, 6) * 2 - 0.5

    raw = to_raw_object(published_output(mesh=[Extracted()]))
    assert [part.shape for part in (raw.splat.centres, raw.splat.opacities, raw.splat.colours)] == [
        (7, 3),
        (7,),
        (7, 3),
    ]
    assert raw.mesh is not None
    assert raw.mesh.colours.min() >= 0
    assert (raw.pose.scale, raw.point_map.shape) == (0.5, (6, 8, 3))
    assert to_raw_object(published_output()).mesh is None
    with pytest.raises(ValueError, match="not uniform"):
        to_raw_object(published_output(scale=torch.tensor([[0.5, 0.6, 0.5]])))


def test_nothing_in_the_image_can_answer_a_made_up_result() -> None:
    """The image holds gen3d_engine/ alone; what it holds knows no stand-in, and no generator of noise."""
    dockerfile = (ENGINE.parent / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert not any("tests" in source for source in copied)
    words = re.compile(r"\b(mock|fake|dummy|placeholder|stub|np\.random|random\.|torch\.rand\w*|randn)", re.IGNORECASE)
    found = [
        f"{path.name}: {line.strip()}"
        for path in ENGINE.rglob("*.py")
        for line in path.read_text().splitlines()
        if words.search(line)
    ]
    assert found == []
