"""From published files to those that the engine loads: real files, read back by torch, safetensors and transformers."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from gen3d_engine.sam3.engine import Sam3Engine
from gen3d_engine.sam3d.load_state import load_state
from gen3d_engine.staging.pickled import read_state
from gen3d_engine.staging.prepare import check_complete, prepare_file, split_sam3, write_lock
from gen3d_engine.staging.published import (
    HubRecord,
    PublishedFile,
    StagingFailed,
    check_published,
    published_files,
    read_manifest,
)
from gen3d_engine.staging.tensor_files import read_tensors, to_half, write_tensors
from gen3d_engine.weights import LOCK_FILE, MANIFEST, WeightsWrong, check_weights
from tests.conftest import jpeg
from tests.make_tiny_weights import write_published
from tests.test_sam3 import embed

CONTAINER = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    write_published(folder)
    return folder


def convert(published: Path, target: Path) -> Path:
    made = {}
    for name in ("sam3/config.json", "sam3/vocab.json", "sam3/merges.txt", "sam3/model.safetensors"):
        made.update(prepare_file(name, published / name, target))
    write_lock(target, made, {})
    return target


def test_sam_3_is_halved_where_the_gpu_runs_it_so_and_the_decoder_is_not(published: Path, tmp_path: Path) -> None:
    before = load_file(published / "sam3" / "model.safetensors")
    sam3 = convert(published, tmp_path) / "sam3"
    places = json.loads((sam3 / "model.safetensors.index.json").read_text())["weight_map"]
    assert set(places) == set(before)
    for name, file in places.items():
        after = load_file(sam3 / file)[name]
        whole = name.startswith("tracker_model.")
        assert torch.equal(after, before[name] if whole else before[name].half()), name
        assert file == part_of(name)


def part_of(name: str) -> str:
    if name.startswith("detector_model.vision_encoder."):
        return "vision.safetensors"
    return "text.safetensors" if name.startswith("detector_model.") else "tracker.safetensors"


def test_the_engine_embeds_with_converted_weights_as_with_the_published_ones(published: Path, tmp_path: Path) -> None:
    plain = Sam3Engine(published, "tiny-sam3", "published")
    halved = Sam3Engine(convert(published, tmp_path / "made"), "tiny-sam3", "halved")
    # The page's decoder is the same file to the last byte.
    assert halved._decoder.sha256 == plain._decoder.sha256
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    expected, got = (
        load_file(embed(engine, jpeg(), folder)[1]) for engine, folder in zip((plain, halved), folders, strict=True)
    )
    for name, tensor in expected.items():
        size = tensor.float().abs().max()
        assert size > 0.1
        # 2^-11 is half a unit in the last place of a weight; what adds up over the layers stays near it.
        assert (tensor.float() - got[name].float()).abs().max() < 2**-8 * size, name


def test_tensors_that_a_photo_has_no_use_for_are_left_out_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "model.safetensors"
    save_file(
        {name: torch.ones(2) for name in ("tracker_model.memory_encoder.x", "tracker_model.mask_decoder.x")}, source
    )
    kept = [tensor for tensor in read_tensors(source, "m") if "memory" not in tensor.name]
    with pytest.raises(StagingFailed, match="none of the tensors"):
        split_sam3(kept, tmp_path)
    save_file(
        {
            "detector_model.vision_encoder.x": torch.ones(2),
            "tracker_model.memory_encoder.x": torch.ones(2),
            "tracker_neck.x": torch.ones(2),
            "detector_model.text_encoder.x": torch.ones(2),
        },
        source,
    )
    files = split_sam3(read_tensors(source, "m"), tmp_path)
    names = {name for file in files if file.endswith(".safetensors") for name in load_file(tmp_path / file)}
    assert names == {"detector_model.vision_encoder.x", "tracker_neck.x", "detector_model.text_encoder.x"}
    save_file({"detector.backbone.x": torch.ones(2)}, source)
    with pytest.raises(StagingFailed, match=r"detector\.backbone\.x"):
        split_sam3(read_tensors(source, "m"), tmp_path)


@pytest.mark.parametrize("value", [70000.0, float("inf"), float("nan")])
def test_a_number_that_does_not_fit_into_16_bits_is_refused_by_its_name(tmp_path: Path, value: float) -> None:
    save_file({"a": torch.tensor([1.0, value])}, tmp_path / "in")
    with pytest.raises(StagingFailed, match="label: a has a number"):
        write_tensors(tmp_path / "out", [to_half(tensor, "label") for tensor in read_tensors(tmp_path / "in", "in")])
    assert not (tmp_path / "out").exists()


def test_half_precision_rounds_as_pytorch_does(tmp_path: Path) -> None:
    torch.manual_seed(1)
    values = torch.cat([torch.randn(400_000), torch.randn(1000) * 1e-6, torch.randn(1000) * 2e4, torch.zeros(1)])
    # Halfway between two numbers of 16 bits: to the even one.
    ties = torch.tensor([1 + 2**-11, 1 + 3 * 2**-11, 2**-25, 65504.0, -65504.0])
    save_file({"a": torch.cat([values, ties]).clamp(-65504, 65504)}, tmp_path / "in")
    write_tensors(tmp_path / "out", [to_half(tensor, "a") for tensor in read_tensors(tmp_path / "in", "in")])
    assert torch.equal(load_file(tmp_path / "out")["a"], load_file(tmp_path / "in")["a"].half())


class Stage(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.LayerNorm(5))
        self.register_buffer("counter", torch.tensor([3, 4]))


def write_generator(path: Path, generator: Stage, embedder: Stage) -> None:
    """As a training run leaves it: two models under their names, a third that nobody uses, and objects beside them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {f"_base_models.generator.{name}": tensor for name, tensor in generator.state_dict().items()}
    state |= {f"_base_models.condition_embedder.{name}": tensor for name, tensor in embedder.state_dict().items()}
    state["_base_models.average.weight"] = torch.rand(4)
    torch.save({"state_dict": state, "epoch": 7, "path": Path("/tmp"), "dtype": torch.float32, "set": {1}}, path)


def only(prefix: str) -> Any:
    return lambda state: {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}


def test_a_generator_s_pickle_becomes_one_file_a_module_which_the_loader_puts_in_strictly(tmp_path: Path) -> None:
    torch.manual_seed(2)
    generator, embedder, name = Stage(), Stage(), "sam3d/checkpoints/ss_generator.ckpt"
    write_generator(tmp_path / "published.ckpt", generator, embedder)
    files = prepare_file(name, tmp_path / "published.ckpt", tmp_path)
    assert set(files) == {name.replace(".ckpt", f".{part}.safetensors") for part in ("generator", "condition_embedder")}
    assert all("average" not in key for file in files for key in load_file(tmp_path / file))
    for module, prefix in ((generator, "_base_models.generator."), (embedder, "_base_models.condition_embedder.")):
        made = Stage()
        load_state(made, tmp_path / name, only(prefix))
        assert not made.training
        for key, tensor in module.state_dict().items():
            assert torch.equal(made.state_dict()[key], tensor)
            assert not made.state_dict()[key].requires_grad
    larger = Stage()
    larger.layers.append(torch.nn.Linear(5, 5))
    with pytest.raises(WeightsWrong, match=r"ss_generator.*layers\.2"):
        load_state(larger, tmp_path / name, only("_base_models.generator."))
    with pytest.raises(WeightsWrong, match=r"ss_decoder\.safetensors"):
        load_state(Stage(), tmp_path / "sam3d/checkpoints/ss_decoder.ckpt", None)


def test_a_decoder_s_pickle_keeps_every_kind_of_number_and_every_way_to_lie_in_memory(tmp_path: Path) -> None:
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    state = {
        "turned": base.t(),
        "part": base[1:3, 2:5],
        "spread": torch.ones(1, 3).expand(2, 3),
        "none": torch.zeros(0, 3),
        "one": torch.tensor(2.5),
        "parameter": torch.nn.Parameter(torch.rand(3)),
        **{str(kind): torch.tensor([1, 0, 1]).to(kind) for kind in (torch.float16, torch.bfloat16, torch.float64)},
        **{str(kind): torch.tensor([1, 0, 1]).to(kind) for kind in (torch.int64, torch.int32, torch.uint8, torch.bool)},
    }
    torch.save(state, tmp_path / "in.ckpt")
    name = "sam3d/checkpoints/ss_decoder.ckpt"
    [made] = prepare_file(name, tmp_path / "in.ckpt", tmp_path)
    back = load_file(tmp_path / made)
    assert set(back) == set(state)
    for key, tensor in state.items():
        assert back[key].dtype == tensor.dtype
        assert torch.equal(back[key], tensor), key


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("import pathlib; pathlib.Path('ran').touch()",))


def test_what_a_pickle_asks_to_be_run_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"a": torch.ones(2)}, "callback": Evil()}, "evil.ckpt")
    [tensor] = read_state(Path("evil.ckpt"), "evil", "state_dict")
    assert (tensor.name, b"".join(tensor.pieces())) == ("a", torch.ones(2).numpy().tobytes())
    assert not Path("ran").exists()
    torch.load("evil.ckpt", weights_only=False)
    assert Path("ran").exists()


@pytest.mark.parametrize("fault", ["cut", "no zip", "no state", "storage cut"])
def test_a_damaged_checkpoint_is_refused_by_its_name(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "x.ckpt"
    torch.save({"state_dict" if fault != "no state" else "other": {"a": torch.ones(2000)}}, path)
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif fault == "no zip":
        path.write_bytes(b"\x80\x02" * 400)
    elif fault == "storage cut":
        with zipfile.ZipFile(path) as before, zipfile.ZipFile(tmp_path / "y.ckpt", "w") as after:
            for entry in before.infolist():
                after.writestr(entry.filename, before.read(entry)[: 100 if "data/0" in entry.filename else None])
        path = tmp_path / "y.ckpt"
    with pytest.raises(StagingFailed, match="sam3d/x is no whole PyTorch checkpoint"):
        read_state(path, "sam3d/x", "state_dict")


def test_a_damaged_safetensors_file_is_refused_by_its_name(published: Path, tmp_path: Path) -> None:
    whole = (published / "sam3/model.safetensors").read_bytes()
    for bad in (whole[:-1], whole[:100], b"", b"\xff" * 64):
        (tmp_path / "cut").write_bytes(bad)
        with pytest.raises(StagingFailed, match=r"sam3/model\.safetensors is no whole"):
            prepare_file("sam3/model.safetensors", tmp_path / "cut", tmp_path / "out")


def described(content: bytes, sha256: str | None) -> PublishedFile:
    return PublishedFile("o/r", "c" * 40, None, "sam3/a", "a", len(content), sha256)


def test_a_published_file_is_held_against_the_manifest_and_the_hub_s_record(tmp_path: Path) -> None:
    content, path = b"weights", tmp_path / "a"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    # What git itself names these bytes.
    asked = subprocess.run(["git", "hash-object", str(path)], capture_output=True, text=True, check=True)
    git = asked.stdout.strip()
    for sha256 in (digest, None):
        for etag in (digest, git):
            assert check_published(path, described(content, sha256), HubRecord(7, etag)) == digest
    for file, record, words in (
        (described(content, "0" * 64), None, r"sam3/a is not what weights\.json expects"),
        (described(content, None), HubRecord(7, "0" * 64), "sam3/a is not what the hub has on record"),
        (described(content, None), HubRecord(7, "0" * 40), "sam3/a is not what the hub has on record"),
        (described(content, None), HubRecord(8, git), "sam3/a has 7 bytes, 8 are published"),
        (described(b"longer than that", "0" * 64), None, "sam3/a has 7 bytes, 16 are published"),
    ):
        with pytest.raises(StagingFailed, match=words):
            check_published(path, file, record)
    path.unlink()
    with pytest.raises(StagingFailed, match="sam3/a is missing"):
        check_published(path, described(content, None))


def test_what_the_manifest_makes_of_the_published_files_is_what_the_container_asks_for() -> None:
    manifest = read_manifest()
    files = published_files(manifest)
    assert len({file.path for file in files}) == len(files)
    made = set()
    for path in (Path(file.path) for file in files):
        if path.stem in ("ss_generator", "slat_generator") and path.suffix == ".ckpt":
            made |= {
                path.with_suffix(f".{part}.safetensors").as_posix() for part in ("generator", "condition_embedder")
            }
        elif path.name == "model.safetensors":
            made |= {f"sam3/{name}" for name in ("vision.safetensors", "tracker.safetensors", "text.safetensors")}
            made.add("sam3/model.safetensors.index.json")
        else:
            made.add(path.with_suffix(".safetensors").as_posix() if path.suffix == ".ckpt" else path.as_posix())
    needed = {f"{model}/{name}" for model, names in manifest["models"].items() for name in names}
    assert needed <= made
    assert made == needed
    with pytest.raises(StagingFailed, match="sam3/config"):
        check_complete({}, manifest)


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """Every file that the container asks for, of one line each."""
    from gen3d_engine.staging.tensor_files import write_pieces

    names = [f"{model}/{name}" for model, names in MANIFEST["models"].items() for name in names]
    write_lock(tmp_path, {name: write_pieces(tmp_path / name, [name.encode()]) for name in names}, {})
    return tmp_path


@pytest.mark.parametrize("model", ["sam3", "sam3d"])
def test_weights_are_refused_by_the_name_of_what_is_wrong(laid_out: Path, model: str) -> None:
    lock = laid_out / LOCK_FILE
    record = hashlib.sha256(lock.read_bytes()).hexdigest()
    assert len(check_weights(model, laid_out, {"GEN3D_WEIGHTS": record})) == 64
    name = f"{model}/{MANIFEST['models'][model][-1]}"
    path, text, locked = laid_out / name, (laid_out / name).read_bytes(), lock.read_bytes()

    def refused(words: str, env: dict[str, str] | None = None) -> None:
        with pytest.raises(WeightsWrong, match=words):
            check_weights(model, laid_out, env or {})
        path.write_bytes(text)
        lock.write_bytes(locked)

    refused("weights changed: weights.lock.json", {"GEN3D_WEIGHTS": "0" * 64})
    path.write_bytes(b"x" + text[1:])
    refused(f"weights changed: {name} is not what")
    path.write_bytes(text[:-1])
    refused(f"weights changed: {name} has {len(text) - 1} bytes")
    path.rename(path.with_name("renamed"))
    refused(f"weights missing: {name}")
    refused("weights unknown: .*renamed is not recorded")
    path.with_name("renamed").unlink()
    files = json.loads(locked)
    files["files"].pop(name)
    lock.write_text(json.dumps(files))
    refused(f"weights not recorded in weights.lock.json: {name}")
    lock.write_text(json.dumps({**json.loads(locked), "format": 0}))
    refused("weights of another release")
    lock.unlink()
    refused("weights missing: weights.lock.json")
    assert check_weights(model, laid_out, {})


def test_conversion_runs_with_python_s_own_library_alone(published: Path, tmp_path: Path) -> None:
    """As CodeBuild and an operator run it: no package is installed there."""
    shutil.copytree(CONTAINER / "gen3d_engine", tmp_path / "gen3d_engine")
    manifest = read_manifest()
    names = sorted(path.name for path in (published / "sam3").iterdir())
    files = [(published / "sam3" / name).read_bytes() for name in names]
    manifest["sources"] = [
        {
            **manifest["sources"][0],
            "files": [
                {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in zip(names, files, strict=True)
            ],
        }
    ]
    manifest["models"]["sam3d"] = []
    (tmp_path / "gen3d_engine" / "weights.json").write_text(json.dumps(manifest))
    # -I and -S: neither installed packages nor the environment.
    start = (
        "import runpy, sys; sys.path.insert(0, sys.argv.pop(1));"
        "runpy.run_module('gen3d_engine.staging', run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", start, str(tmp_path), "prepare"]
    done = subprocess.run(
        [*command, str(published), str(tmp_path / "made")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == hashlib.sha256((tmp_path / "made" / LOCK_FILE).read_bytes()).hexdigest()
    check_weights("sam3", tmp_path / "made", {"GEN3D_WEIGHTS": done.stdout.strip()})
    sources = json.loads((tmp_path / "made" / LOCK_FILE).read_text())["sources"]
    assert sources["sam3/model.safetensors"]["revision"] == manifest["sources"][0]["revision"]
    shutil.copytree(published, tmp_path / "bad")
    with (tmp_path / "bad/sam3/model.safetensors").open("ab") as file:
        file.write(b"x")
    done = subprocess.run(
        [*command, str(tmp_path / "bad"), str(tmp_path / "no")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "sam3/model.safetensors has" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "no" / LOCK_FILE).exists()
