"""Which files each model needs, and whether those that lie there are the ones that were recorded."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SUMS_FILE = "SHA256SUMS"
# The SHA-256 of SHA256SUMS, as `gen3d admin weights` recorded it for this deployment.
RECORD_VARIABLE = "GEN3D_WEIGHTS"
READ_BYTES = 8 << 20
MANIFEST: dict[str, Any] = json.loads((Path(__file__).parent / "weights.json").read_text("utf-8"))


class WeightsWrong(Exception):
    """Names the file and what is wrong with it."""


def check_weights(model: str, folder: Path, env: Mapping[str, str] = os.environ) -> str:
    """Checks the files of one model (`sam3`, `sam3d`) under `folder`; returns an id of exactly these files.

    Names come from weights.json, hashes from the SHA256SUMS that was recorded at staging. Reads every byte: 14 GB take
    about 15 s on a GPU machine's disk [estimated].
    """
    sums = _read_sums(folder, env)
    names = [f"{model}/{entry['name']}" for entry in MANIFEST["models"][model]["files"]]
    for name in names:
        if not (folder / name).is_file():
            raise WeightsWrong(f"weights missing: {name}")
        if name not in sums:
            raise WeightsWrong(f"weights not recorded in {SUMS_FILE}: {name}")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: sha256_of(folder / name), names))
    for name, digest in zip(names, found, strict=True):
        if digest != sums[name]:
            raise WeightsWrong(f"weights changed: {name} is not what was recorded")
    return hashlib.sha256("".join(found).encode()).hexdigest()


def _read_sums(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    path = folder / SUMS_FILE
    if not path.is_file():
        raise WeightsWrong(f"weights missing: {SUMS_FILE}")
    data = path.read_bytes()
    record = env.get(RECORD_VARIABLE, "")
    if record and hashlib.sha256(data).hexdigest() != record:
        raise WeightsWrong(f"weights changed: {SUMS_FILE} is not the one that was recorded")
    return {line[66:]: line[:64] for line in data.decode().splitlines() if line}


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()
