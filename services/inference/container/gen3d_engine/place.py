"""S3 keys of one job, rebuilt from ids: a request reads and writes only inside its own session."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from gen3d_engine.contract import CONTRACT, JOB_FILES

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SUB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_ulid() -> str:
    """48 bits of milliseconds and 80 random ones, Crockford's base 32: sorts by time."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


@dataclass(frozen=True)
class Place:
    user_id: str
    session_id: str
    job_id: str

    @property
    def session_prefix(self) -> str:
        return f"users/{self.user_id}/sessions/{self.session_id}/"

    @property
    def job_prefix(self) -> str:
        return f"{self.session_prefix}jobs/{self.job_id}/"

    def job_key(self, file: str) -> str:
        return f"{self.job_prefix}{JOB_FILES[file]}"

    def attempt_prefix(self, attempt: str) -> str:
        return f"{self.job_prefix}{attempt}/"


def place_of(request: dict[str, Any]) -> Place | None:
    """The place of a request that fits its schema; None when one of its keys lies outside its session."""
    place = Place(request["user_id"], request["session_id"], request["job_id"])
    keys: list[str] = [request["photo"]["key"], *(mask["key"] for mask in request["masks"])]
    inside = all(key.startswith(place.session_prefix) and ".." not in key for key in keys)
    named = _SUB.fullmatch(place.user_id) and place.job_id.startswith(f"{place.session_id}-")
    return place if named and inside and request["job_prefix"] == place.job_prefix else None


def decoder_key(name: str, version: str) -> str:
    return f"{CONTRACT['decoders_prefix']}{name}-{version}.onnx"
