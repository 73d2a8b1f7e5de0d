"""`python3 -m gen3d_engine.staging prepare FROM TO`: checks and converts published files that lie in FROM.
`python3 -m gen3d_engine.staging fetch TO`: fetches them from the hub, one by one (HF_TOKEN, HF_ENDPOINT).

TO then holds what belongs into the bucket under models/; the last line is the SHA-256 of its lock file.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from gen3d_engine.staging.hub import Hub
from gen3d_engine.staging.prepare import stage
from gen3d_engine.staging.published import (
    PublishedFile,
    StagingFailed,
    check_published,
    published_files,
    read_manifest,
)


def fetch(target: Path, hub: Hub, manifest: dict[str, Any]) -> str:
    """Never holds more than one published file beside what was made."""
    parts = target.with_name(f"{target.name}.part")
    before: list[Path] = []

    def get(file: PublishedFile) -> tuple[Path, dict[str, Any]]:
        for path in before:
            path.unlink(missing_ok=True)
        path = parts / file.path
        record = hub.record(file)
        hub.download(file, record.size, path)
        before[:] = [path]
        digest = check_published(path, file, record)
        checked = "weights.json and the hub's record" if file.sha256 else "the hub's record"
        return path, {"sha256": digest, "checked": checked}

    written = stage(published_files(manifest), manifest, target, get, say)
    shutil.rmtree(parts, ignore_errors=True)
    return written.sha256


def prepare(source: Path, target: Path, manifest: dict[str, Any]) -> str:
    def get(file: PublishedFile) -> tuple[Path, dict[str, Any]]:
        digest = check_published(source / file.path, file)
        return source / file.path, {
            "sha256": digest,
            "checked": "weights.json" if file.sha256 else "not at all: no hash of it is known",
        }

    return stage(published_files(manifest), manifest, target, get, say).sha256


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    manifest = read_manifest()
    try:
        match arguments:
            case ["fetch", target]:
                print(fetch(Path(target), Hub.from_environment(), manifest))
            case ["prepare", source, target]:
                print(prepare(Path(source), Path(target), manifest))
            case _:
                say(__doc__ or "")
                return 2
    except StagingFailed as error:
        say(f"{error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
