"""The supervisor with real processes, the engine around the fake pipeline, and the whole container failing to load."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image
from plyfile import PlyData

from gen3d_engine.contract import CONTRACT, JobFailed
from gen3d_engine.protocol import Call, MaskFile
from gen3d_engine.sam3d.engine import NO_MESH, WRITERS
from gen3d_engine.supervisor import Worker, WorkerUnusable, worker_environment
from tests.conftest import HEIGHT, WIDTH, disc, jpeg, png
from tests.fake_gpu.fake_gpu_worker import FaultyEngine

FAKE = [sys.executable, str(Path(__file__).parent / "fake_gpu" / "fake_gpu_worker.py")]
ROOT = Path(__file__).parents[1]


def message(folder: Path, name: str, formats: list[str]) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    (folder / "photo").write_bytes(jpeg())
    (folder / "mask").write_bytes(png(disc()))
    return {
        "kind": "reconstruct",
        "photo": str(folder / "photo"),
        "masks": [{"name": name, "file": str(folder / "mask")}],
        "options": {"formats": formats, "quality": "draft", "seed": 0, "texture_size": 512, "target_triangles": 600},
        "folder": str(folder),
    }


@pytest.fixture(scope="module")
def worker() -> Any:
    made = Worker("fake", FAKE, timeout_seconds=30)
    yield made
    made.stop()


def nothing(stage: str, fraction: float) -> None: ...


@pytest.mark.parametrize(
    ("fault", "code"),
    [("fault:crash", "engine_failed"), ("fault:killed", "out_of_memory"), ("fault:oom", "out_of_memory")],
)
def test_a_job_fails_by_name_and_the_next_one_works(worker: Worker, tmp_path: Path, fault: str, code: str) -> None:
    with pytest.raises(JobFailed) as caught:
        worker.call(message(tmp_path, fault, ["ply"]), nothing)
    assert caught.value.code == code
    assert worker.call(message(tmp_path, "next", ["ply"]), nothing)["objects"][0]["name"] == "next"


def test_who_lets_go_hears_the_own_reason_and_the_worker_lives_on(worker: Worker, tmp_path: Path) -> None:
    class Enough(Exception): ...

    def refuse(stage: str, fraction: float) -> None:
        raise Enough

    worker.ready()
    process = worker._process
    with pytest.raises(Enough):
        worker.call(message(tmp_path, "fault:slow", ["ply"]), refuse)
    assert worker.call(message(tmp_path, "next", ["ply"]), nothing)["objects"]
    assert worker._process is process


def test_a_call_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = Worker("slow", FAKE, timeout_seconds=1)
    try:
        with pytest.raises(JobFailed) as caught:
            slow.call(message(tmp_path, "fault:hang", ["ply"]), nothing)
        assert caught.value.code == "timed_out"
    finally:
        slow.stop()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("raise SystemExit(3)", "died while loading, code 3"),
        ("print('no protocol')", "died while loading"),
        (
            "import sys; sys.path.insert(0, sys.argv[1]); from gen3d_engine.protocol import serve\n"
            "def load(): raise ValueError('weights missing: sam3/model.safetensors')\nserve(load)",
            "weights missing: sam3/model.safetensors",
        ),
    ],
)
def test_a_worker_that_cannot_be_loaded_says_why(script: str, reason: str) -> None:
    with pytest.raises(WorkerUnusable, match=reason):
        Worker("broken", [sys.executable, "-c", script, str(ROOT)], 5).ready()


def test_a_worker_gets_no_account_and_has_no_network() -> None:
    assert worker_environment({"AWS_SECRET_ACCESS_KEY": "x", "HF_TOKEN": "x", "PATH": "/bin"}) == {"PATH": "/bin"}
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from gen3d_engine.protocol import refuse_network\n"
        "refuse_network()\nimport socket, urllib.request\n"
        "for ask in (lambda: socket.create_connection(('127.0.0.1', 9)), lambda: urllib.request.urlopen('http://a.example')):\n"
        "    try: ask()\n    except Exception as error: print(type(error).__name__, error)\n"
        "    else: print('connected')\n"
    )
    out = subprocess.run([sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True).stdout
    assert out.count("a worker has no network") == 2


def run_engine(tmp_path: Path, names: list[str], formats: list[str], masks: list[np.ndarray] | None = None) -> Any:
    (tmp_path / "photo").write_bytes(jpeg())
    files = []
    for i, name in enumerate(names):
        (tmp_path / f"mask-{i}").write_bytes(png(masks[i] if masks else disc()))
        files.append(MaskFile(name, tmp_path / f"mask-{i}"))
    options = {"formats": formats, "quality": "draft", "seed": 0, "texture_size": 512, "target_triangles": 600}
    steps: list[tuple[str, float]] = []
    call = Call("reconstruct", tmp_path / "photo", files, options, tmp_path)
    return FaultyEngine().run(call, lambda *step: steps.append(step)), steps


def test_an_object_comes_in_every_format_in_one_frame(tmp_path: Path) -> None:
    result, steps = run_engine(tmp_path, ["egg"], CONTRACT["engine_formats"])
    [made] = result["objects"]
    files = {file["format"]: Path(file["file"]) for file in made["files"]}
    assert list(files) == CONTRACT["engine_formats"]
    assert result["scene"] is None
    mesh = trimesh.load(files["glb"], force="mesh", process=False)
    assert mesh.bounds == pytest.approx(np.array([made["bounds"]["min"], made["bounds"]["max"]]), abs=1e-5)
    assert mesh.extents.max() == pytest.approx(1, rel=0.02)
    assert mesh.extents[1] == mesh.extents.max()  # the egg stands
    assert len(mesh.faces) <= 600
    assert mesh.is_winding_consistent
    assert mesh.volume > 0  # not inside out
    assert len(PlyData.read(str(files["ply"]))["vertex"]) > 100
    with Image.open(files["png"]) as poster:
        assert poster.size == (512, 512)
        assert poster.getpixel((256, 256))[3] == 255
        assert poster.getpixel((2, 2))[3] == 0
    assert result["camera"]["fx"] == pytest.approx(1.2 * max(WIDTH, HEIGHT))
    assert result["measured"]["camera_residual_pixels"] < 1e-6
    assert [stage for stage, _ in steps] == ["shape", "files"]


def test_the_engine_writes_exactly_the_formats_that_the_contract_says_of_it(tmp_path: Path) -> None:
    assert sorted(WRITERS) == sorted(CONTRACT["engine_formats"])
    foreign = next(name for name in CONTRACT["formats"] if name not in WRITERS)
    with pytest.raises(JobFailed, match=f"does not write \\['{foreign}'\\]"):
        run_engine(tmp_path, ["egg"], ["ply", foreign])


def test_several_objects_make_a_scene(tmp_path: Path) -> None:
    result, _ = run_engine(tmp_path, ["one", "two"], ["ply", "glb", "png"])
    scene = {file["format"]: Path(file["file"]) for file in result["scene"]["files"]}
    loaded = trimesh.load(scene["glb"], process=False)
    assert set(loaded.graph.nodes_geometry) == {"one", "two"}
    one = len(PlyData.read(str(tmp_path / "object-0.ply"))["vertex"])
    assert len(PlyData.read(str(scene["ply"]))["vertex"]) == 2 * one


def test_without_memory_for_a_mesh_there_is_the_splat_and_the_manifest_says_so(tmp_path: Path) -> None:
    result, _ = run_engine(tmp_path, ["fault:oom-mesh"], ["ply", "glb", "png"])
    assert [file["format"] for file in result["objects"][0]["files"]] == ["ply", "png"]
    assert NO_MESH in result["warnings"]
    with pytest.raises(JobFailed) as caught:
        run_engine(tmp_path, ["fault:oom-mesh"], ["glb"])
    assert caught.value.code == "out_of_memory"


def small() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[10:14, 10:40] = True
    return mask


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        (np.zeros((HEIGHT, WIDTH), dtype=bool), "empty_mask"),
        (small(), "object_too_small"),
        (np.ones((20, 20), dtype=bool), "engine_failed"),
    ],
)
def test_a_mask_that_is_of_no_use_is_named_so(tmp_path: Path, mask: np.ndarray, code: str) -> None:
    with pytest.raises(JobFailed) as caught:
        run_engine(tmp_path, ["x"], ["ply"], [mask])
    assert caught.value.code == code


def test_a_format_that_the_contract_does_not_offer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="sog"):
        run_engine(tmp_path, ["x"], ["sog"])


@pytest.mark.parametrize("missing", ["weights.lock.json", "sam3/vision.safetensors", "changed", "cut", "another"])
def test_without_its_weights_the_container_is_never_healthy_and_says_which(
    tiny_weights: Path, tmp_path: Path, missing: str
) -> None:
    """The image's own worker against a folder in which one file is gone, changed, cut short or one too many."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_weights, folder)
    named = missing if "." in missing else "sam3/vision.safetensors"
    if missing == "changed":
        with (folder / named).open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read(1)[0]
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last ^ 1]))
    elif missing == "cut":
        os.truncate(folder / named, (folder / named).stat().st_size - 1)
    elif missing == "another":
        named = "sam3/model.safetensors"
        (folder / named).write_bytes(b"of an earlier release")
    else:
        (folder / missing).unlink()
    port = 18000 + os.getpid() % 20000
    script = Path(__file__).parent / "fake_gpu" / "serve_with_fake_gpu.py"
    environment = {**os.environ, "SAGEMAKER_BIND_TO_PORT": str(port), "AWS_DEFAULT_REGION": "us-east-1"}
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    seen: set[int] = set()
    asking = threading.Thread(target=ask_until_gone, args=(process, port, seen))
    asking.start()
    output, _ = process.communicate(timeout=300)
    asking.join(10)
    assert process.returncode == 1
    assert 200 not in seen
    assert 500 in seen
    [line] = [line for line in output.splitlines() if json.loads(line)["level"] == "error"]
    assert named in json.loads(line)["error"]


def ask_until_gone(process: "subprocess.Popen[str]", port: int, seen: set[int]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2) as answer:
                seen.add(answer.status)
        except urllib.error.HTTPError as error:
            seen.add(error.code)
        except OSError:
            pass
        time.sleep(0.1)


def test_a_stop_that_another_thread_hears_ends_the_process() -> None:
    """The system may hand SIGTERM to any thread, and Python handles it in the main one, which then sleeps on."""
    script = (
        "import os\nfrom gen3d_engine.jobs import EngineId\nfrom gen3d_engine.serve import main\n"
        "os._exit(main({lane: ['sleep', '600'] for lane in ('other', 'reconstruct')}, EngineId('sleeper', '1')))"
    )
    port = 18000 + os.getpid() % 20000
    environment = {**os.environ, "SAGEMAKER_BIND_TO_PORT": str(port), "AWS_DEFAULT_REGION": "us-east-1"}
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["message"] == "listening"
        # By then the main thread waits.
        time.sleep(1)
        threads = sorted(int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir())
        assert ctypes.CDLL(None).tgkill(process.pid, threads[-1], signal.SIGTERM) == 0
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
