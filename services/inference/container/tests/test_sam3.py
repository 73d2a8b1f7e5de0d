"""The real `transformers` code of SAM 3 with tiny random weights: its masks are noise, its arithmetic is not."""

import re
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel, Sam3Model, Sam3TrackerModel

from gen3d_engine.contract import CONTRACT, JobFailed
from gen3d_engine.protocol import Call
from gen3d_engine.sam3.decoder import INPUTS
from gen3d_engine.sam3.engine import Sam3Engine, to_pixels
from gen3d_engine.sam3.finder import LEAST_SCORE, MOST, load_tokenizer, to_box, to_mask
from gen3d_engine.sam3.load import load_part
from gen3d_engine.weights import WeightsWrong
from tests.conftest import jpeg
from tests.make_decoder_fixtures import CASES, ask_pytorch, decoder_inputs
from tests.make_tiny_weights import TINY, vocabulary

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


@pytest.mark.parametrize(
    ("kind", "file", "parameter"),
    [
        (Sam3TrackerModel, "tracker", "tracker_model.mask_decoder.iou_token.weight"),
        (Sam3Model, "text", "detector_model.text_projection.weight"),
    ],
)
def test_a_model_file_without_a_parameter_is_refused_by_its_name(
    tiny_weights: Path, tmp_path: Path, kind: type[PreTrainedModel], file: str, parameter: str
) -> None:
    copy = tmp_path / "sam3"
    shutil.copytree(tiny_weights / "sam3", copy)
    tensors = load_file(copy / f"{file}.safetensors")
    tensors.pop(parameter)
    save_file(tensors, copy / f"{file}.safetensors", {"format": "pt"})
    with pytest.raises(WeightsWrong, match=re.escape(parameter.partition(".")[2])):
        load_part(kind, copy, torch.float32)


def find(engine: Sam3Engine, text: str, folder: Path, photo: bytes | None = None) -> dict:
    (folder / "photo").write_bytes(photo or jpeg())
    return engine.run(Call("select", folder / "photo", [], None, folder, text), lambda stage, fraction: None)


def test_words_find_masks_of_the_photo_s_size_the_likeliest_first(engine: Sam3Engine, tmp_path: Path) -> None:
    """Of noise: what is asserted is the plumbing, and that it is the model's own answer."""
    result = find(engine, "yellow ball", tmp_path, jpeg(orientation=6))
    assert result["image"] == {"width": 48, "height": 64}
    candidates = result["candidates"]
    scores = [candidate["score"] for candidate in candidates]
    assert len(scores) == MOST
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST_SCORE <= score <= 1 for score in scores)

    with Image.open(tmp_path / "photo") as stored:
        turned = stored.transpose(Image.Transpose.ROTATE_270).convert("RGB")
    words = engine._finder._words("yellow ball", return_tensors="pt")
    with torch.no_grad():
        # Asked as its users ask it: without padding there is nothing to leave out.
        answer = engine._finder._model(pixel_values=engine._pixels(turned), input_ids=words["input_ids"])
    chances = answer.pred_logits.sigmoid() * answer.presence_logits.sigmoid()
    best, order = chances[0].sort(descending=True)
    assert scores == pytest.approx(best[:MOST].tolist(), abs=1e-5)
    for candidate, query in zip(candidates, order.tolist(), strict=False):
        with Image.open(candidate["file"]) as image:
            assert (image.mode, image.size) == ("L", (48, 64))
            drawn = np.asarray(image)
        assert set(np.unique(drawn)) <= {0, 255}
        large = torch.nn.functional.interpolate(answer.pred_masks[0, query][None, None], size=(64, 48), mode="bilinear")
        # What lies within rounding of 0 may be either.
        sure = large[0, 0].abs() > 1e-2
        assert torch.equal(torch.from_numpy(drawn > 0)[sure], (large[0, 0] > 0)[sure])
        x0, y0, x1, y1 = candidate["box"]
        assert 0 <= x0 <= x1 < 48
        assert 0 <= y0 <= y1 < 64


def test_other_words_find_others_and_some_find_nothing(engine: Sam3Engine, tmp_path: Path) -> None:
    found = {text: find(engine, text, tmp_path)["candidates"] for text in ("duck", "yellow ball", "red", "x" * 200)}
    assert found["duck"] != found["yellow ball"]
    assert found["duck"]
    # None is an answer, not an error.
    assert found["red"] == []
    # Capitals say nothing to it.
    assert find(engine, "DUCK", tmp_path)["candidates"] == found["duck"]


def test_clicks_and_words_share_one_encoder(engine: Sam3Engine) -> None:
    assert engine._finder._model.vision_encoder.backbone is engine._model.vision_encoder.backbone
    assert engine._finder._model.vision_encoder.neck is not engine._model.vision_encoder.neck


def test_words_become_the_tokens_that_the_published_tables_say(tiny_weights: Path, tmp_path: Path) -> None:
    words, names = load_tokenizer(tiny_weights / "sam3"), vocabulary()
    asked = words("A Duck", padding="max_length", truncation=True, max_length=8)
    assert asked["input_ids"] == [0, names["a</w>"], names["duck</w>"], 1, 1, 1, 1, 1]
    assert asked["attention_mask"] == [1, 1, 1, 1, 0, 0, 0, 0]
    long = words("duck " * 40, padding="max_length", truncation=True, max_length=32)["input_ids"]
    assert long == [0, *[names["duck</w>"]] * 30, 1]
    shutil.copytree(tiny_weights / "sam3", tmp_path / "sam3")
    (tmp_path / "sam3" / "merges.txt").write_text("#version: 0.2\nduck\n")
    with pytest.raises(WeightsWrong, match="the tables of words cannot be read"):
        load_tokenizer(tmp_path / "sam3")


def test_a_box_touches_at_least_a_pixel_and_stays_in_the_photo() -> None:
    assert to_box([0.25, 0.5, 0.75, 1.0], (64, 48)) == (16, 24, 47, 47)
    assert to_box([-0.1, -2.0, 1.1, 3.0], (64, 48)) == (0, 0, 63, 47)
    assert to_box([1.0, 0.5, 1.0, 0.5], (64, 48)) == (63, 24, 63, 24)
    assert to_box([0.011, 0.0, 0.012, 0.01], (64, 48)) == (0, 0, 0, 0)


def test_a_mask_is_enlarged_before_it_is_cut() -> None:
    logits = torch.tensor([[-1.0, 3.0], [-1.0, 3.0]])
    mask = to_mask(logits, (8, 4))
    assert mask.shape == (4, 8)
    # 0 lies a quarter of the way between the two middles.
    assert mask.all(axis=0).tolist() == [False, False, False, True, True, True, True, True]
