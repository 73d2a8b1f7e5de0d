"""weights.json: which published files the engine is made from, and what they must be."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READ_BYTES = 8 << 20
GIT_NAME = re.compile("[0-9a-f]{40}")
MANIFEST_FILE = Path(__file__).parents[1] / "weights.json"


class StagingFailed(Exception):
    """One sentence that names the file and says what to do."""


@dataclass(frozen=True)
class PublishedFile:
    repository: str
    # A commit of the repository: what lies there cannot change.
    revision: str
    # Where the licence is accepted; None where nobody asks for that.
    accept_at: str | None
    # Under the folder of all weights, such as `sam3/config.json`.
    path: str
    # In its repository.
    name: str
    # Where the hash is unknown, about.
    size: int
    # None where nobody could read it: then the hub's own record decides.
    sha256: str | None


@dataclass(frozen=True)
class HubRecord:
    size: int
    # A SHA-256 for large files, git's name of the content for small ones.
    etag: str


def read_manifest(file: Path = MANIFEST_FILE) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return manifest


def published_files(manifest: dict[str, Any]) -> list[PublishedFile]:
    return [
        PublishedFile(
            repository=source["repository"],
            revision=source["revision"],
            accept_at=source["accept_at"],
            path=f"{source['folder']}/{file['name']}",
            name=file["name"],
            size=file["bytes"],
            sha256=file["sha256"],
        )
        for source in manifest["sources"]
        for file in source["files"]
    ]


def read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            yield piece


def check_published(path: Path, file: PublishedFile, record: HubRecord | None = None) -> str:
    """The SHA-256 of what lies at `path`; StagingFailed where that is not the published file. `record` is the hub's."""
    if not path.is_file():
        raise StagingFailed(f"{file.path} is missing (from {file.repository} at {file.revision[:12]})")
    size = path.stat().st_size
    expected = file.size if file.sha256 else record.size if record else size
    if size != expected or size == 0:
        raise StagingFailed(f"{file.path} has {size} bytes, {expected or file.size} are published: fetch it again")
    whole, git = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    for piece in read_pieces(path):
        whole.update(piece)
        git.update(piece)
    digest = whole.hexdigest()
    if file.sha256 not in (None, digest):
        raise StagingFailed(f"{file.path} is not what weights.json expects (its SHA-256 is {digest}): fetch it again")
    if record and record.etag != (git.hexdigest() if GIT_NAME.fullmatch(record.etag) else digest):
        raise StagingFailed(f"{file.path} is not what the hub has on record ({record.etag}): fetch it again")
    return digest
