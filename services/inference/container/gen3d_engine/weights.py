"""Whether the files that lie there are those that were made, recorded and sent for each model."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MODELS = ("sam3", "sam3d")
# Beside the models: every file's size and hash, and which published files they were made from.
LOCK_FILE = "weights.lock.json"
LOCK_FORMAT = 1
# The SHA-256 of the lock file, as `gen3d admin weights` recorded it for this deployment.
RECORD_VARIABLE = "GEN3D_WEIGHTS"
READ_BYTES = 8 << 20
MANIFEST: dict[str, Any] = json.loads((Path(__file__).parent / "weights.json").read_text("utf-8"))


class WeightsWrong(Exception):
    """Names the file and what is wrong with it."""


def check_weights(model: str, folder: Path, env: Mapping[str, str] = os.environ) -> str:
    """Checks the files of one model (`sam3`, `sam3d`) under `folder`; returns an id of exactly these files.

    Needed are the names of weights.json; sizes and hashes are the lock file's. Reads every byte: 15 GB take about 15 s
    on a GPU machine's disk [estimated], and are then in memory for the loading.
    """
    locked = _read_lock(folder, env)
    needed = {f"{model}/{name}" for name in MANIFEST["models"][model]}
    names = sorted(needed | {name for name in locked if name.startswith(f"{model}/")})
    for name in names:
        _check_there(folder / name, name, locked)
    # A file too many may be loaded in another's place.
    for path in sorted((folder / model).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in locked:
            raise WeightsWrong(f"weights unknown: {name} is not recorded")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: sha256_of(folder / name), names))
    for name, digest in zip(names, found, strict=True):
        if digest != locked[name]["sha256"]:
            raise WeightsWrong(f"weights changed: {name} is not what was recorded")
    return hashlib.sha256("".join(found).encode()).hexdigest()


def _check_there(path: Path, name: str, locked: Mapping[str, Mapping[str, Any]]) -> None:
    if not path.is_file():
        raise WeightsWrong(f"weights missing: {name}")
    if name not in locked:
        raise WeightsWrong(f"weights not recorded in {LOCK_FILE}: {name}")
    size, recorded = path.stat().st_size, locked[name]["bytes"]
    if size != recorded:
        raise WeightsWrong(f"weights changed: {name} has {size} bytes, {recorded} were recorded")


def _read_lock(folder: Path, env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    path = folder / LOCK_FILE
    if not path.is_file():
        raise WeightsWrong(f"weights missing: {LOCK_FILE}; run `gen3d admin weights` once more")
    data = path.read_bytes()
    record = env.get(RECORD_VARIABLE, "")
    if record and hashlib.sha256(data).hexdigest() != record:
        raise WeightsWrong(f"weights changed: {LOCK_FILE} is not the one that was recorded")
    lock = json.loads(data)
    if lock.get("format") != LOCK_FORMAT:
        raise WeightsWrong(f"weights of another release: {LOCK_FILE}; run `gen3d admin weights` once more")
    files: dict[str, dict[str, Any]] = lock["files"]
    return files


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()
