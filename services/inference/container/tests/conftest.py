"""Shared by the tests: an S3 of one dictionary, the tiny weights, a PNG mask."""

import hashlib
import io
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen3d_engine.place import new_ulid

WIDTH, HEIGHT = 64, 48


class MemoryStore:
    """The ObjectStore of one test."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get(self, key: str, if_match: str | None = None) -> bytes | None:
        body = self.objects.get(key)
        return body if body is not None and if_match in (None, etag(body)) else None

    def exists(self, key: str) -> bool:
        return key in self.objects

    def put(self, key: str, body: bytes, content_type: str, *, if_absent: bool = False) -> bool:
        if if_absent and key in self.objects:
            return False
        self.objects[key] = body
        return True

    def list(self, prefix: str) -> Iterator[str]:
        return iter([key for key in self.objects if key.startswith(prefix)])

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)


def etag(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()


def png(mask: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(out, "PNG")
    return out.getvalue()


def jpeg(width: int = WIDTH, height: int = HEIGHT, orientation: int = 1) -> bytes:
    """Red left half, blue right half."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def disc(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.hypot(x - width / 2, y - height / 2) < height / 3


def make_request(store: MemoryStore, kind: str, formats: Sequence[str] = ("ply", "glb")) -> dict[str, Any]:
    sub, session = str(uuid.uuid4()), new_ulid()
    job = f"{session}-{new_ulid()}"
    prefix = f"users/{sub}/sessions/{session}/"
    photo = f"{prefix}original_image.jpg"
    store.put(photo, jpeg(), "image/jpeg")
    masks = []
    if kind == "reconstruct":
        store.put(f"{prefix}masks/1.png", png(disc()), "image/png")
        masks.append({"name": "disc", "key": f"{prefix}masks/1.png"})
    options = {"formats": list(formats), "quality": "draft", "seed": 0, "texture_size": 512, "target_triangles": 500}
    return {
        "version": 1,
        "job_id": job,
        "session_id": session,
        "user_id": sub,
        "kind": kind,
        **({"text": "duck"} if kind == "select" else {}),
        "bucket": "b",
        "photo": {"key": photo, "etag": etag(store.objects[photo])},
        "masks": masks,
        "options": options if masks else None,
        "job_prefix": f"{prefix}jobs/{job}/",
    }


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.make_tiny_weights import write_tiny_weights

    folder = tmp_path_factory.mktemp("models")
    write_tiny_weights(folder)
    return folder
