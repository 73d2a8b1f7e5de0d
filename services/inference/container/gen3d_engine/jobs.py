"""From a request to the attempt's files and the one manifest; the twin of packages/jobs/src/execute-job.ts."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from gen3d_engine.contract import CONTRACT, FORMATS, JOB_ERRORS, JobFailed, find_fault
from gen3d_engine.log import log
from gen3d_engine.objects import ObjectStore
from gen3d_engine.place import Place, decoder_key, new_ulid, place_of
from gen3d_engine.progress import JobCancelled, JobProgress, instant

Message = dict[str, Any]
# Round trips to S3 of some 100 ms each.
STORE_THREADS = 8
MANIFESTS = {"embed": "EmbedManifest", "select": "SelectManifest", "reconstruct": "ReconstructManifest"}


class Caller(Protocol):
    """A worker, as a job sees it."""

    @property
    def models(self) -> dict[str, str]: ...

    def call(self, message: Message, on_progress: Callable[[str, float], None]) -> Message: ...


@dataclass(frozen=True)
class EngineId:
    name: str
    version: str


@dataclass(frozen=True)
class Answer:
    """What the container answers with: a status that is not 2xx makes the endpoint write a failure object."""

    status: int
    body: Message


def execute_job(request: object, objects: ObjectStore, worker: Caller, engine: EngineId) -> Answer:
    """Runs one attempt. Raises only what ends the container; what went wrong in the job stands in failure.json."""
    fault = find_fault("InferenceRequest", request)
    if fault or not isinstance(request, dict):
        return refuse(fault or "the request is no object")
    if request["kind"] == "select" and "text" not in request:
        return refuse("text is missing")
    place = place_of(request)
    if place is None:
        return refuse("a key lies outside the session")
    attempt = new_ulid()
    progress = JobProgress(objects, place, attempt)
    try:
        made = _run_attempt(request, objects, worker, place, attempt, progress)
        manifest = {
            **{name: request[name] for name in ("version", "job_id", "session_id", "user_id", "kind")},
            "attempt": attempt,
            "engine": {"name": engine.name, "version": engine.version},
            "started_at": instant(progress.started_at),
            "finished_at": instant(datetime.now(UTC)),
            "timings": progress.timings(),
            "models": worker.models,
            **made,
        }
        return _commit(manifest, objects, place, attempt)
    except JobCancelled as error:
        _delete(objects, place, attempt)
        log("info", "attempt stopped: the job is cancelled", job_id=place.job_id, attempt=attempt)
        return Answer(409, {"error": {"code": "cancelled", "message": str(error)}})
    except Exception as error:
        _delete(objects, place, attempt)
        return _fail(error, objects, place, attempt)


def refuse(message: str) -> Answer:
    return Answer(400, {"error": {"code": "invalid_request", "message": message}})


def _run_attempt(
    request: Message,
    objects: ObjectStore,
    worker: Caller,
    place: Place,
    attempt: str,
    progress: JobProgress,
) -> Message:
    progress.start()
    with tempfile.TemporaryDirectory(prefix="gen3d-") as name:
        folder = Path(name)
        call = _read_input(request, objects, folder)
        result = worker.call(call, progress.step)
        progress.write()
        store = _Store(objects, place.attempt_prefix(attempt), folder)
        measured = {"measured": result["measured"]} if result.get("measured") else {}
        return {**KEEP[request["kind"]](result, store), **measured}


def _read_input(request: Message, objects: ObjectStore, folder: Path) -> Message:
    photo = objects.get(request["photo"]["key"], request["photo"]["etag"])
    if photo is None:
        raise JobFailed("photo_replaced")
    (folder / "photo").write_bytes(photo)
    masks = []
    for i, mask in enumerate(request["masks"]):
        png = objects.get(mask["key"])
        if png is None:
            raise JobFailed("engine_failed", f"mask {i + 1} is gone")
        (folder / f"mask-{i}.png").write_bytes(png)
        masks.append({"name": mask["name"], "file": str(folder / f"mask-{i}.png")})
    out = folder / "out"
    out.mkdir()
    return {
        "kind": request["kind"],
        "photo": str(folder / "photo"),
        "text": request.get("text"),
        "masks": masks,
        "options": request["options"],
        "folder": str(out),
    }


@dataclass(frozen=True)
class _Store:
    objects: ObjectStore
    prefix: str
    folder: Path

    def read(self, file: str) -> bytes:
        """A file that the worker made; it can name nothing outside the call's folder."""
        path = Path(file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise JobFailed("engine_failed", "the worker named a file of somewhere else")
        return path.read_bytes()

    def put(self, name: str, body: bytes, content_type: str) -> Message:
        self.objects.put(self.prefix + name, body, content_type)
        return {"file": name, "size_bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def _keep_embedding(result: Message, store: _Store) -> Message:
    facts = CONTRACT["embedding"]
    decoder = result["decoder"]
    onnx = Path(decoder["file"]).read_bytes()
    key = decoder_key(decoder["name"], decoder["version"])
    # Its version holds its hash: what lies there under this name is this file.
    if not store.objects.exists(key):
        store.objects.put(key, onnx, "application/octet-stream", if_absent=True)
    return {
        "embedding": store.put(facts["file"], store.read(result["file"]), facts["content_type"]),
        "image": result["image"],
        "decoder": {
            "name": decoder["name"],
            "version": decoder["version"],
            "sha256": hashlib.sha256(onnx).hexdigest(),
            "size_bytes": len(onnx),
        },
    }


def _keep_candidates(result: Message, store: _Store) -> Message:
    def keep(position: int, made: Message) -> Message:
        mask = store.put(f"candidate-{position + 1}.png", store.read(made["file"]), "image/png")
        return {"mask": mask, "score": made["score"], "box": made["box"]}

    with ThreadPoolExecutor(STORE_THREADS) as threads:
        kept = list(threads.map(keep, range(len(result["candidates"])), result["candidates"]))
    return {"image": result["image"], "candidates": kept}


def _keep_objects(result: Message, store: _Store) -> Message:
    def keep(stem: str, files: Sequence[Message]) -> list[Message]:
        return list(threads.map(lambda file: _keep_file(stem, file, store), files))

    with ThreadPoolExecutor(STORE_THREADS) as threads:
        objects = [
            {"name": made["name"], "bounds": made["bounds"], "files": keep(f"object-{i + 1}", made["files"])}
            for i, made in enumerate(result["objects"])
        ]
        scene = result["scene"] and {"files": keep("scene", result["scene"]["files"])}
    taken = {name: result[name] for name in ("camera", "scale_basis", "warnings")}
    return {"objects": objects, "scene": scene, **taken}


def _keep_file(stem: str, file: Message, store: _Store) -> Message:
    facts = FORMATS[file["format"]]
    stored = store.put(f"{stem}.{facts['extension']}", store.read(file["file"]), facts["contentType"])
    return {"format": file["format"], "kind": facts["kind"], "frame": facts["frame"], "unit": facts["unit"], **stored}


KEEP: dict[str, Callable[[Message, _Store], Message]] = {
    "embed": _keep_embedding,
    "select": _keep_candidates,
    "reconstruct": _keep_objects,
}


def _commit(manifest: Message, objects: ObjectStore, place: Place, attempt: str) -> Answer:
    fault = find_fault(MANIFESTS[manifest["kind"]], manifest)
    if fault:
        raise JobFailed("engine_failed", f"the result breaks the contract: {fault}")
    body = json.dumps(manifest, allow_nan=False).encode()
    won = objects.put(place.job_key("manifest"), body, "application/json", if_absent=True)
    if not won:
        _delete(objects, place, attempt)
    log("info", "attempt finished", job_id=place.job_id, attempt=attempt, won=won, timings=manifest["timings"])
    return Answer(200, {"job_id": place.job_id, "attempt": attempt, "won": won})


def _fail(error: Exception, objects: ObjectStore, place: Place, attempt: str) -> Answer:
    code = error.code if isinstance(error, JobFailed) else "engine_failed"
    reason = f"{type(error).__name__}: {error}"
    log("error", "attempt failed", job_id=place.job_id, attempt=attempt, code=code, error=reason)
    failure = {"attempt": attempt, "code": code, "failed_at": instant(datetime.now(UTC))}
    objects.put(place.job_key("failure"), json.dumps(failure).encode(), "application/json")
    facts = JOB_ERRORS[code]
    status = 422 if facts["blame"] == "photo" else 500
    return Answer(status, {"error": {"code": code, "message": facts["message"]}})


def _delete(objects: ObjectStore, place: Place, attempt: str) -> None:
    objects.delete(list(objects.list(place.attempt_prefix(attempt))))
