"""The real `transformers` code of SAM 3 with tiny random weights: its masks are noise, its arithmetic is not."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gen3d_engine.contract import CONTRACT, JobFailed
from gen3d_engine.protocol import Call
from gen3d_engine.sam3.decoder import INPUTS
from gen3d_engine.sam3.engine import Sam3Engine, load_model, to_pixels
from gen3d_engine.weights import WeightsWrong
from tests.conftest import jpeg
from tests.make_decoder_fixtures import CASES, ask_pytorch, decoder_inputs
from tests.make_tiny_weights import TINY

NAMES = ("high_res_0", "high_res_1", "image")


@pytest.fixture(scope="module")
def engine(tiny_weights: Path) -> Sam3Engine:
    return Sam3Engine(tiny_weights, "tiny-sam3", "random")


def embed(engine: Sam3Engine, photo: bytes, folder: Path) -> tuple[dict, Path]:
    (folder / "photo").write_bytes(photo)
    result = engine.run(Call("embed", folder / "photo", [], None, folder), lambda stage, fraction: None)
    return result, Path(result["file"])


def test_an_embedding_holds_three_half_precision_tensors_and_says_what_reads_them(
    engine: Sam3Engine, tmp_path: Path
) -> None:
    result, file = embed(engine, jpeg(), tmp_path)
    names = CONTRACT["embedding"]["metadata"]
    with safe_open(str(file), "pt") as tensors:
        assert sorted(tensors.keys()) == sorted(NAMES)
        shapes = {name: tuple(tensors.get_tensor(name).shape) for name in NAMES}
        assert {tensors.get_tensor(name).dtype for name in NAMES} == {torch.float16}
        metadata = tensors.metadata()
    assert shapes == {"high_res_0": (1, 4, 64, 64), "high_res_1": (1, 8, 32, 32), "image": (1, 32, 16, 16)}
    assert metadata[names["engine"]] == "tiny-sam3"
    assert metadata[names["decoderVersion"]] == result["decoder"]["version"]
    assert metadata["input_size"] == str(TINY.side)
    assert result["image"] == {"width": 64, "height": 48}


def test_a_turned_photo_is_embedded_as_it_is_seen(engine: Sam3Engine, tmp_path: Path) -> None:
    result, file = embed(engine, jpeg(orientation=6), tmp_path)
    assert result["image"] == {"width": 48, "height": 64}
    with Image.open(tmp_path / "photo") as stored:
        turned = stored.transpose(Image.Transpose.ROTATE_270).convert("RGB")
    expected = engine._encode(turned)[2].half()
    assert torch.equal(load_file(file)["image"], expected)


def test_pixels_are_squashed_to_minus_one_and_one(engine: Sam3Engine) -> None:
    pixels = to_pixels(Image.new("RGB", (10, 30), (255, 0, 128)), 14)
    assert pixels.shape == (1, 3, 14, 14)
    assert pixels[0, :, 0, 0].tolist() == pytest.approx([1.0, -1.0, 128 / 127.5 - 1], abs=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_the_onnx_decoder_equals_pytorch(engine: Sam3Engine, tmp_path: Path, case: str) -> None:
    _, file = embed(engine, jpeg(), tmp_path)
    tensors = {name: tensor.float() for name, tensor in load_file(file).items()}
    expected = ask_pytorch(engine, [tensors[name] for name in NAMES], case)
    session = onnxruntime.InferenceSession(str(engine._decoder.file), providers=["CPUExecutionProvider"])
    inputs = dict(zip(INPUTS[3:], decoder_inputs(case, 64), strict=True))
    masks, scores, object_score = session.run(
        None, {name: tensor.numpy() for name, tensor in {**tensors, **inputs}.items()}
    )
    assert masks.shape == (1, 1, 3, 64, 64)
    # Noise of some size: equality of zeros would prove nothing.
    assert masks.std() > 0.1
    assert np.abs(masks - expected.pred_masks.numpy()).max() < 1e-3 * max(1.0, float(np.abs(masks).max()))
    assert np.abs(scores - expected.iou_scores.numpy()).max() < 1e-3
    assert np.abs(object_score.reshape(-1) - expected.object_score_logits.numpy().reshape(-1)).max() < 1e-3


def test_prompts_change_the_answer(engine: Sam3Engine, tmp_path: Path) -> None:
    """Where a point, a label, a box or a mask did nothing, equality would prove nothing either."""
    _, file = embed(engine, jpeg(), tmp_path)
    tensors = [tensor.float() for tensor in (load_file(file)[name] for name in NAMES)]

    def ask(**prompts: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return engine._model(image_embeddings=tensors, multimask_output=True, **prompts).pred_masks

    point = torch.tensor([[[[100.0, 60.0]]]])
    base = ask(input_points=point, input_labels=torch.tensor([[[1]]]))
    others = [
        ask(input_points=point + 50, input_labels=torch.tensor([[[1]]])),
        ask(input_points=point, input_labels=torch.tensor([[[0]]])),
        ask(input_boxes=torch.tensor([[[10.0, 10.0, 100.0, 100.0]]])),
        ask(input_points=point, input_labels=torch.tensor([[[1]]]), input_masks=torch.ones(1, 1, 64, 64)),
    ]
    assert min(float((other - base).abs().max()) for other in others) > 0.1


def test_the_decoder_is_the_same_file_for_the_same_weights(engine: Sam3Engine, tiny_weights: Path) -> None:
    again = Sam3Engine(tiny_weights, "tiny-sam3", "random")
    assert again._decoder.sha256 == engine._decoder.sha256
    assert engine._decoder.version.endswith(engine._decoder.sha256[:16])


def test_a_photo_that_is_none_is_named_so(engine: Sam3Engine, tmp_path: Path) -> None:
    with pytest.raises(JobFailed) as caught:
        embed(engine, b"\x07" * 5000, tmp_path)
    assert caught.value.code == "image_unreadable"


def test_a_model_file_without_a_parameter_is_refused_by_its_name(tiny_weights: Path, tmp_path: Path) -> None:
    copy = tmp_path / "sam3"
    shutil.copytree(tiny_weights / "sam3", copy)
    tensors = load_file(copy / "tracker.safetensors")
    tensors.pop("tracker_model.mask_decoder.iou_token.weight")
    save_file(tensors, copy / "tracker.safetensors", {"format": "pt"})
    with pytest.raises(WeightsWrong, match=r"mask_decoder\.iou_token"):
        load_model(copy)
