"""What an attempt says of itself while it works, and where it looks whether it should stop."""

import json
import time
from datetime import UTC, datetime

from gen3d_engine.objects import ObjectStore
from gen3d_engine.place import Place

# Each look and each word costs a round trip to S3 of some 20 ms: no more than two a second.
INTERVAL_SECONDS = 0.5
# The engine's own part of the whole; reading stands before it and writing behind.
ENGINE_FROM, ENGINE_TO = 0.05, 0.95


class JobCancelled(Exception):
    """The mark was found: the attempt ends at once and leaves nothing."""


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JobProgress:
    def __init__(self, objects: ObjectStore, place: Place, attempt: str) -> None:
        self._objects = objects
        self._place = place
        self._attempt = attempt
        self.started_at = datetime.now(UTC)
        self._stage = "read"
        self._since = time.monotonic()
        self._last_word: float | None = None
        self._seconds: dict[str, float] = {}

    def start(self) -> None:
        self._say(0)

    def step(self, stage: str, fraction: float) -> None:
        """The engine's word: its step and the part of its work that is done, 0-1. JobCancelled when it should stop."""
        self._enter(stage)
        bounded = min(1.0, max(0.0, fraction)) if fraction == fraction else 0.0
        self._say(ENGINE_FROM + (ENGINE_TO - ENGINE_FROM) * bounded)

    def write(self) -> None:
        """The engine is done; its files are being stored."""
        self._enter("write")
        self._say(ENGINE_TO)

    def timings(self) -> dict[str, float]:
        """Seconds by step so far."""
        self._enter(self._stage)
        return {stage: round(seconds, 3) for stage, seconds in self._seconds.items()}

    def _enter(self, stage: str) -> None:
        now = time.monotonic()
        self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now

    def _say(self, progress: float) -> None:
        now = time.monotonic()
        if self._last_word is not None and now - self._last_word < INTERVAL_SECONDS:
            return
        self._last_word = now
        if self._objects.exists(self._place.job_key("cancel")):
            raise JobCancelled("The job was cancelled.")
        word = {
            "attempt": self._attempt,
            "stage": self._stage,
            "progress": progress,
            "started_at": instant(self.started_at),
            "updated_at": instant(datetime.now(UTC)),
        }
        self._objects.put(self._place.job_key("progress"), json.dumps(word).encode(), "application/json")
