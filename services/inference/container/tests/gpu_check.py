"""`python -m tests.gpu_check`, from this folder's parent: what of the container runs on a GPU without weights.

Needs a CUDA GPU, PyTorch, the packages of requirements/test.lock and `moto[server]` (an S3 on loopback). Takes three to
four minutes. Every check prints one line of JSON; the others go on after one that fails; exits with 1 if any did.
Not part of the tests: those need no GPU.
"""

import io
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file
from transformers import (
    Sam3Config,
    Sam3Model,
    Sam3TrackerConfig,
    Sam3TrackerModel,
    Sam3VisionConfig,
    Sam3ViTConfig,
)

from gen3d_engine.contract import JobFailed
from gen3d_engine.objects import S3ObjectStore, make_client
from gen3d_engine.protocol import Call
from gen3d_engine.sam3.decoder import INPUTS
from gen3d_engine.sam3.engine import TENSORS, Sam3Engine
from gen3d_engine.sam3d.memory_plan import SS_GENERATOR, plan_memory
from gen3d_engine.sam3d.offload import keep_on_cpu
from gen3d_engine.supervisor import Worker
from tests.conftest import jpeg, make_request
from tests.make_decoder_fixtures import CASES, decoder_inputs
from tests.make_tiny_weights import FULL_DECODER, save_published, write_tiny_weights

HERE = Path(__file__).parent
PORT, S3_PORT = 18080, 18333
BUCKET = "gen3d-check"
Found = dict[str, Any]


def check_environment(_folder: Path) -> Found:
    properties = torch.cuda.get_device_properties(0)
    return {
        "gpu": properties.name,
        "gpu_gb": round(properties.total_memory / 1e9, 1),
        "capability": f"{properties.major}.{properties.minor}",
        "cuda": torch.version.cuda,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "sam3d_packages": {name: find_spec(name) is not None for name in ("pytorch3d", "kaolin", "spconv", "gsplat")},
    }


def check_half_precision(folder: Path) -> Found:
    """The tiny SAM 3 in fp16 on the GPU against fp32 on the CPU, largest error against the largest value."""
    engine = Sam3Engine(folder / "models", "tiny-sam3", "random")
    assert engine._dtype == torch.float16
    (folder / "gpu").mkdir()
    engine.run(Call("embed", folder / "photo.jpg", [], None, folder / "gpu"), lambda stage, fraction: None)
    ours, theirs = load_file(folder / "gpu/embedding"), load_file(folder / "embedding.safetensors")
    errors = {
        name: float((ours[name].float() - theirs[name].float()).abs().max() / theirs[name].float().abs().max())
        for name in TENSORS
    }
    assert max(errors.values()) < 0.02, errors
    return {"relative_error": errors}


def check_decoder(folder: Path) -> Found:
    """The decoder exported beside a model on the GPU answers as PyTorch does on the CPU."""
    engine = Sam3Engine(folder / "models", "tiny-sam3", "random")
    session = onnxruntime.InferenceSession(str(engine._decoder.file), providers=["CPUExecutionProvider"])
    tensors = {name: t.float().numpy() for name, t in load_file(folder / "embedding.safetensors").items()}
    expected = load_file(folder / "expected.safetensors")
    side = 4 * tensors["image"].shape[-1]
    errors = {}
    for i, case in enumerate(CASES):
        inputs = zip(INPUTS[3:], decoder_inputs(case, side), strict=True)
        masks = session.run(None, {**tensors, **{name: value.numpy() for name, value in inputs}})[0]
        # Random weights give larger logits than learned ones, and larger rounding with them.
        answer = expected[f"masks.{i}"].numpy()
        errors[case] = float(np.abs(masks - answer).max() / max(1.0, np.abs(answer).max()))
    assert max(errors.values()) < 1e-3, errors
    return {"relative_error": errors}


def check_published_size(folder: Path) -> Found:
    """SAM 3 for clicks and words at its published size with random weights, a photo of 12 megapixels."""
    write_published_size(folder / "large")
    torch.cuda.empty_cache()
    begin = time.monotonic()
    engine = Sam3Engine(folder / "large", "random-sam3", "random")
    torch.cuda.synchronize()
    load = time.monotonic() - begin
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((4000, 3000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    (folder / "large.jpg").write_bytes(out.getvalue())
    runs, encodes = [], []
    measured: Found = {}
    words_measured: Found = {}
    for _ in range(11):
        begin = time.monotonic()
        made = engine.run(Call("embed", folder / "large.jpg", [], None, folder), lambda stage, fraction: None)
        runs.append(time.monotonic() - begin)
        measured = made["measured"]
    selects = []
    for _ in range(11):
        begin = time.monotonic()
        call = Call("select", folder / "large.jpg", [], None, folder, "yellow duck")
        words_measured = engine.run(call, lambda stage, fraction: None)["measured"]
        selects.append(time.monotonic() - begin)
    photo = Image.open(folder / "large.jpg")
    for _ in range(11):
        begin = time.monotonic()
        engine._encode(photo)
        torch.cuda.synchronize()
        encodes.append(time.monotonic() - begin)
    return {
        "parameters": sum(p.numel() for p in engine._model.parameters()),
        "load_seconds": round(load, 2),
        "embed_seconds": spread(runs[1:]),
        "encode_seconds": spread(encodes[1:]),
        "select_seconds": spread(selects[1:]),
        "select_peak_gpu_gb": round(words_measured["peak_gpu_bytes"] / 1e9, 2),
        "peak_gpu_gb": round(measured["peak_gpu_bytes"] / 1e9, 2),
        "embedding_bytes": (folder / "embedding").stat().st_size,
    }


def check_server(folder: Path) -> Found:
    """The server's process with SAM 3 on the GPU: health, a job through S3, the end."""
    s3 = subprocess.Popen(
        [sys.executable, "-c", f"from moto.server import main; main(['-p', '{S3_PORT}'])"],
        stdout=subprocess.DEVNULL,
    )
    os.environ.update(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{S3_PORT}",
        AWS_ACCESS_KEY_ID="local",
        AWS_SECRET_ACCESS_KEY="local",
        AWS_DEFAULT_REGION="us-east-1",
    )
    begin = time.monotonic()
    command = [sys.executable, str(HERE / "fake_gpu/serve_with_fake_gpu.py"), str(folder / "models")]
    server = subprocess.Popen(command, env={**os.environ, "SAGEMAKER_BIND_TO_PORT": f"{PORT}"})
    try:
        while (first := ask("ping")[0]) == 0:
            time.sleep(0.02)
        while ask("ping")[0] != 200:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() - begin < 120, "never ready"
            time.sleep(0.1)
        ready = time.monotonic() - begin
        assert s3.poll() is None, "the S3 ended"
        client = make_client()
        client.create_bucket(Bucket=BUCKET)
        store = S3ObjectStore(BUCKET, client)
        request = make_job(store)
        begin = time.monotonic()
        status, body = ask("invocations", json.dumps(request).encode())
        seconds = time.monotonic() - begin
        assert status == 200, body
        manifest = json.loads(store.get(f"{request['job_prefix']}manifest.json") or b"{}")
        server.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        code = server.wait(30)
        return {
            "first_ping": first,
            "ready_seconds": round(ready, 1),
            "embed_seconds": round(seconds, 2),
            "measured": manifest.get("measured"),
            "timings": manifest["timings"],
            "exit_code": code,
            "exit_seconds": round(time.monotonic() - begin, 2),
        }
    finally:
        server.kill()
        s3.kill()


def check_out_of_memory(folder: Path) -> Found:
    """Another process takes the whole GPU; the job fails by its name, the worker starts anew and works again."""
    os.environ.update(PYTORCH_NO_CUDA_MEMORY_CACHING="1")
    # The tiny one finds room in what a process has already; these embeddings have their published size.
    models = folder / "full-decoder"
    write_tiny_weights(models, FULL_DECODER)
    worker = Worker("sam3", [sys.executable, "-m", "gen3d_engine.sam3.worker", str(models), "tiny"], 120.0)
    message: Found = {
        "kind": "embed",
        "photo": str(folder / "photo.jpg"),
        "masks": [],
        "options": None,
        "folder": str(folder / "gpu"),
    }
    try:
        worker.call(message, lambda stage, fraction: None)
        taken = fill_gpu()
        try:
            worker.call(message, lambda stage, fraction: None)
            raise AssertionError("nothing failed on a full GPU")
        except JobFailed as error:
            said = {"code": error.code, "message": str(error)[:160]}
        del taken
        torch.cuda.empty_cache()
        begin = time.monotonic()
        worker.call(message, lambda stage, fraction: None)
        assert said["code"] == "out_of_memory", said
        return {**said, "works_again_after_seconds": round(time.monotonic() - begin, 1)}
    finally:
        worker.stop()


def check_offload(_folder: Path) -> Found:
    """The largest stage of SAM 3D Objects, by its size alone: on the GPU for a call, and that its weights are right."""
    part = 64 * 1024 * 1024
    stage = torch.nn.Module()
    stage.parts = torch.nn.ParameterList(
        torch.nn.Parameter(torch.full((part // 4,), float(i)), requires_grad=False)
        for i in range(int(SS_GENERATOR * 1e9) // part)
    )
    stage.forward = lambda: torch.stack([weight[-1] for weight in stage.parts])
    begin = time.monotonic()
    keep_on_cpu(stage, torch.device("cuda"))
    prepare = time.monotonic() - begin
    seconds = []
    for _run in range(4):
        begin = time.monotonic()
        with torch.inference_mode():
            values = stage()
        assert values.is_cuda
        assert values.tolist() == list(range(len(values)))
        seconds.append(time.monotonic() - begin)
    torch.cuda.empty_cache()
    left = torch.cuda.memory_allocated()
    return {
        "gb": SS_GENERATOR,
        "prepare_seconds": round(prepare, 2),
        "call_seconds": spread(seconds[1:]),
        "left_on_gpu_bytes": left,
    }


def check_memory_plan(_folder: Path) -> Found:
    here = torch.cuda.get_device_properties(0).total_memory / 1e9
    return {f"{gb:.1f} GB": vars(plan_memory(gb)) for gb in (here, 47.7, 23.7)}


def write_published_size(folder: Path) -> None:
    vision = Sam3VisionConfig(
        backbone_config=Sam3ViTConfig(),
        scale_factors=[4.0, 2.0, 1.0],
        backbone_feature_sizes=[[288, 288], [144, 144], [72, 72]],
    )
    with torch.device("cuda"):
        tracker = Sam3TrackerModel(Sam3TrackerConfig(vision_config=vision.to_dict()))
        detector = Sam3Model(Sam3Config())
    detector.vision_encoder.backbone = tracker.vision_encoder.backbone
    save_published(folder / "sam3", tracker.half(), detector.half())


def make_job(store: S3ObjectStore) -> dict[str, Any]:
    class Kept:
        """What `make_request` writes, in the bucket too."""

        def __init__(self) -> None:
            self.objects: dict[str, bytes] = {}

        def put(self, key: str, body: bytes, content_type: str) -> None:
            self.objects[key] = body
            store.put(key, body, content_type)

    request = make_request(Kept(), "embed")  # type: ignore[arg-type]
    request["bucket"] = BUCKET
    request["photo"]["etag"] = f'"{request["photo"]["etag"]}"'
    return request


def fill_gpu() -> list[torch.Tensor]:
    taken = []
    for size in (2**30, 2**26, 2**22, 2**20):
        try:
            while True:
                taken.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
    return taken


def ask(path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body; 0 while nobody listens."""
    headers = {"content-type": "application/json"}
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}/{path}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def spread(seconds: list[float]) -> Found:
    return {"median": round(statistics.median(seconds), 4), "most": round(max(seconds), 4)}


CHECKS: tuple[Callable[[Path], Found], ...] = (
    check_environment,
    check_half_precision,
    check_decoder,
    check_published_size,
    check_server,
    check_offload,
    check_memory_plan,
    check_out_of_memory,
)


def main() -> int:
    failed = 0
    # For every process that is started here.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A process of its own: what it computes must not meet the GPU.
        hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
        fixtures = [sys.executable, "-m", "tests.make_decoder_fixtures", name]
        subprocess.run(fixtures, check=True, env=hidden, stdout=subprocess.DEVNULL)
        (folder / "photo.jpg").write_bytes(jpeg())
        for check in CHECKS:
            begin = time.monotonic()
            try:
                found: Found = {"ok": True, **check(folder)}
            except Exception as error:
                failed += 1
                found = {"ok": False, "error": f"{type(error).__name__}: {error}"[:800]}
            found["seconds"] = round(time.monotonic() - begin, 1)
            print(json.dumps({"check": check.__name__.removeprefix("check_"), **found}), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
