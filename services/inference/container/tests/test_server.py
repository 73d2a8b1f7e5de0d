"""The server's parts: queue, keys, configuration, jobs against a worker that answers from a list."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gen3d_engine.config import read_config
from gen3d_engine.contract import CONTRACT, JOB_FILES, JobFailed, find_fault, finite
from gen3d_engine.fair_queue import FairQueue, NobodyWaits, QueueClosed
from gen3d_engine.jobs import EngineId, execute_job
from gen3d_engine.place import new_ulid, place_of
from gen3d_engine.progress import instant
from tests.conftest import MemoryStore, make_request

ENGINE = EngineId("test", "1")


def test_owners_take_turns_and_within_an_owner_the_oldest_is_first() -> None:
    queue, order, started = FairQueue(), [], threading.Event()
    release = threading.Event()

    def work(owner: str, name: str) -> None:
        with queue.turn(owner):
            order.append(name)
            started.set()
            release.wait(5)

    threads = []
    for owner, name in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1")]:
        threads.append(threading.Thread(target=work, args=(owner, name)))
        threads[-1].start()
        started.wait(5) if name == "a1" else time.sleep(0.05)
    release.set()
    for thread in threads:
        thread.join(5)
    assert order == ["a1", "b1", "a2", "a3"]


def test_a_closed_queue_refuses_what_waits_and_what_comes_and_tells_when_it_is_idle() -> None:
    queue, refused = FairQueue(), []

    def wait() -> None:
        with pytest.raises(QueueClosed), queue.turn("b"):
            pass
        refused.append("b")

    with queue.turn("a"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.05)
        queue.close()
        waiting.join(5)
        assert refused == ["b"]
        assert not queue.wait_idle(0.01)
        with pytest.raises(QueueClosed), queue.turn("c"):
            pass
    assert queue.wait_idle(1)


def test_who_hung_up_loses_the_turn() -> None:
    queue = FairQueue()
    with queue.turn("a"), pytest.raises(NobodyWaits), queue.turn("b", lambda: True):
        pass
    with queue.turn("c"):
        pass


def test_the_environment_is_read_with_defaults_and_a_wrong_number_is_named() -> None:
    assert read_config({}).port == 8080
    config = read_config({"SAGEMAKER_BIND_TO_PORT": "81", "GEN3D_ENGINE_HOST": "0.0.0.0"})
    assert (config.port, config.host) == (81, "0.0.0.0")
    with pytest.raises(ValueError, match="GEN3D_ENGINE_TIMEOUT_SECONDS"):
        read_config({"GEN3D_ENGINE_TIMEOUT_SECONDS": "soon"})


def test_faults_name_their_field() -> None:
    request = make_request(MemoryStore(), "embed")
    assert find_fault("InferenceRequest", request) is None
    assert find_fault("InferenceRequest", {**request, "photo": {"key": "x"}}) == "photo.etag is missing"
    assert "kind" in (find_fault("InferenceRequest", {**request, "kind": "paint"}) or "")
    with pytest.raises(ValueError, match="not a job error"):
        JobFailed("made_up")
    with pytest.raises(ValueError, match="finite"):
        finite(float("nan"))


def test_ulids_sort_by_time_and_instants_end_with_z() -> None:
    first = new_ulid()
    time.sleep(0.002)
    assert first < new_ulid()
    assert len(first) == 26
    assert instant(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000Z"


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(job_prefix="users/x/"),
        lambda r: r["photo"].update(key=r["photo"]["key"] + "/../../other"),
        lambda r: r["masks"][0].update(key="users/other/sessions/x/masks/1.png"),
        lambda r: r.update(user_id="../../etc"),
        lambda r: r.update(session_id=new_ulid()),
    ],
)
def test_a_request_reaches_nothing_outside_its_session(change: Callable[[dict[str, Any]], None]) -> None:
    store = MemoryStore()
    request = make_request(store, "reconstruct")
    before = set(store.objects)
    change(request)
    assert place_of(request) is None
    assert execute_job(request, store, ListWorker([]), ENGINE).status == 400
    assert set(store.objects) == before


class ListWorker:
    """Answers with what it is given; a function is called with the call's message."""

    def __init__(self, answers: list[Any]) -> None:
        self.models = {"test": "1"}
        self.answers = answers

    def call(self, message: dict[str, Any], on_progress: Callable[[str, float], None]) -> dict[str, Any]:
        on_progress("work", 0.5)
        answer = self.answers.pop(0)
        return answer(message) if callable(answer) else answer


def embedding(message: dict[str, Any]) -> dict[str, Any]:
    folder = Path(message["folder"])
    (folder / "e").write_bytes(b"embedding")
    (folder / "d").write_bytes(b"onnx")
    return {
        "file": str(folder / "e"),
        "image": {"width": 64, "height": 48},
        "decoder": {"file": str(folder / "d"), "name": "sam3", "version": "1-abc"},
        "measured": {"peak_gpu_bytes": 0},
    }


def test_an_embed_leaves_its_file_its_decoder_once_and_a_manifest_that_fits_the_contract() -> None:
    store = MemoryStore()
    request = make_request(store, "embed")
    first = execute_job(request, store, ListWorker([embedding]), ENGINE)
    second = execute_job(request, store, ListWorker([embedding]), ENGINE)
    assert (first.status, second.status) == (200, 200)
    assert (first.body["won"], second.body["won"]) == (True, False)
    manifest = json.loads(store.objects[request["job_prefix"] + JOB_FILES["manifest"]])
    assert find_fault("Manifest", manifest) is None
    assert manifest["decoder"]["size_bytes"] == 4
    assert store.objects["models/decoders/sam3-1-abc.onnx"] == b"onnx"
    attempts = {key.split("/")[6] for key in store.objects if key.count("/") == 7}
    assert attempts == {manifest["attempt"]}
    assert set(manifest["timings"]) == {"read", "work", "write"}


def candidates(message: dict[str, Any]) -> dict[str, Any]:
    assert message["text"] == "duck"
    folder = Path(message["folder"])
    (folder / "m").write_bytes(b"mask")
    found = [{"file": str(folder / "m"), "score": score, "box": [0, 1, 2, 3]} for score in (0.9, 0.6)]
    return {"image": {"width": 64, "height": 48}, "candidates": found}


def test_a_select_leaves_its_masks_and_a_manifest_that_fits_the_contract() -> None:
    store = MemoryStore()
    request = make_request(store, "select")
    assert execute_job(request, store, ListWorker([candidates]), ENGINE).status == 200
    manifest = json.loads(store.objects[request["job_prefix"] + JOB_FILES["manifest"]])
    assert find_fault("Manifest", manifest) is None
    assert [found["score"] for found in manifest["candidates"]] == [0.9, 0.6]
    for position, found in enumerate(manifest["candidates"], 1):
        assert found["mask"]["file"] == f"candidate-{position}.png"
        assert store.objects[f"{request['job_prefix']}{manifest['attempt']}/{found['mask']['file']}"] == b"mask"


def test_that_nothing_was_found_is_an_answer_and_no_words_are_none() -> None:
    store = MemoryStore()
    request = make_request(store, "select")
    nothing = {"image": {"width": 64, "height": 48}, "candidates": []}
    assert execute_job(request, store, ListWorker([nothing]), ENGINE).status == 200
    assert json.loads(store.objects[request["job_prefix"] + JOB_FILES["manifest"]])["candidates"] == []
    for change in ({"text": ""}, {"text": "x" * 201}, {}):
        wrong = {key: value for key, value in {**request, "text": None, **change}.items() if value is not None}
        assert execute_job(wrong, store, ListWorker([]), ENGINE).status == 400


def failing(code: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def fail(_: dict[str, Any]) -> dict[str, Any]:
        raise JobFailed(code)

    return fail


def outside(message: dict[str, Any]) -> dict[str, Any]:
    return {**embedding(message), "file": "/etc/hostname"}


def not_fitting(message: dict[str, Any]) -> dict[str, Any]:
    return {**embedding(message), "image": {"width": 0, "height": 48}}


@pytest.mark.parametrize(
    ("answer", "code", "status"),
    [
        (failing("object_too_small"), "object_too_small", 422),
        (failing("out_of_memory"), "out_of_memory", 500),
        (outside, "engine_failed", 500),
        (not_fitting, "engine_failed", 500),
        (lambda _: {}, "engine_failed", 500),
    ],
)
def test_a_failed_attempt_leaves_its_reason_and_nothing_else(answer: Any, code: str, status: int) -> None:
    store = MemoryStore()
    request = make_request(store, "embed")
    assert execute_job(request, store, ListWorker([answer]), ENGINE).status == status
    files = {key.removeprefix(request["job_prefix"]) for key in store.list(request["job_prefix"])}
    assert files == {JOB_FILES["failure"], JOB_FILES["progress"]}
    failure = json.loads(store.objects[request["job_prefix"] + JOB_FILES["failure"]])
    assert find_fault("Failure", failure) is None
    assert failure["code"] == code


def test_a_cancelled_job_makes_nothing() -> None:
    store = MemoryStore()
    request = make_request(store, "embed")
    store.put(request["job_prefix"] + JOB_FILES["cancel"], b"", "text/plain")
    assert execute_job(request, store, ListWorker([]), ENGINE).status == 409


def test_the_contract_that_is_read_is_the_one_of_packages_shared() -> None:
    shared = Path(__file__).parents[4] / "packages" / "shared" / "generated"
    for name, file in [("InferenceRequest", "inference-request"), ("Manifest", "manifest"), ("Failure", "failure")]:
        schema = json.loads((shared / f"{file}.schema.json").read_text())
        assert {**schema, **CONTRACT["schemas"][name]} == schema
