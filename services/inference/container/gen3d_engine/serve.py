"""`python -m gen3d_engine.serve serve`: the container's process."""

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gen3d_engine import ENGINE_NAME, ENGINE_VERSION
from gen3d_engine.config import read_config
from gen3d_engine.fair_queue import FairQueue
from gen3d_engine.http_server import EngineServer
from gen3d_engine.jobs import Answer, EngineId, execute_job
from gen3d_engine.log import log
from gen3d_engine.objects import S3ObjectStore, make_client
from gen3d_engine.supervisor import Worker, WorkerUnusable

# SageMaker kills 30 s after SIGTERM.
DRAIN_SECONDS = 20.0
ABANDON_SECONDS = 6.0
# A health check may still hear the 500 before the process ends.
FAILED_SECONDS = 3.0
# Python runs a signal’s handler in its main thread alone, and a signal that another thread took may leave that asleep.
LOOK_SECONDS = 0.5
LANES = ("reconstruct", "other")


@dataclass(frozen=True)
class Lane:
    worker: Worker
    queue: FairQueue


class EngineWork:
    """Two lanes with a worker each: one reconstruct at a time, embeds beside it."""

    def __init__(self, engine: EngineId, commands: Mapping[str, Sequence[str]], timeout_seconds: float) -> None:
        self.state = "loading"
        # Its put may be called in the middle of its get, as a signal's handler does; an Event's set may not.
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._engine = engine
        self._s3 = make_client()
        self._lanes = {name: Lane(Worker(name, commands[name], timeout_seconds), FairQueue()) for name in LANES}

    def load(self) -> None:
        """Both workers at once: each must have proven that it works before anybody hears 200."""
        with ThreadPoolExecutor(len(LANES)) as threads:
            loading = [threads.submit(lane.worker.ready) for lane in self._lanes.values()]
            for each in as_completed(loading):
                try:
                    each.result()
                except Exception as error:
                    self.fail(f"{error}")
                    return
        if self.state == "loading":
            self.state = "ready"
            log("info", "engine ready", models=self._models())

    def run(self, request: dict[str, Any], gone: Callable[[], bool]) -> Answer:
        lane = self._lanes["reconstruct" if request.get("kind") == "reconstruct" else "other"]
        with lane.queue.turn(str(request.get("user_id", "")), gone):
            try:
                lane.worker.ready()
            except WorkerUnusable as error:
                self.fail(f"{error}")
                raise
            objects = S3ObjectStore(str(request.get("bucket", "")), self._s3)
            return execute_job(request, objects, lane.worker, self._engine)

    def fail(self, reason: str) -> None:
        """The first reason counts; a stop ends the loading, too, and is no failure."""
        if self.state in ("loading", "ready"):
            # Before anybody can hear of it from /ping, and end this process.
            log("error", "the engine cannot be used", error=reason)
            self.state = "failed"
            # The other worker may take minutes to load what nobody will use.
            self.abandon()
            self.end()

    def end(self) -> None:
        """Lets `wait_ended` return. Safe in a signal's handler."""
        self._ended.put(None)

    def wait_ended(self) -> None:
        while True:
            try:
                return self._ended.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue

    def drain(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        for lane in self._lanes.values():
            lane.queue.close()
        idle = [lane.queue.wait_idle(max(0.0, end - time.monotonic())) for lane in self._lanes.values()]
        return all(idle)

    def abandon(self) -> None:
        for lane in self._lanes.values():
            lane.worker.stop()

    def _models(self) -> dict[str, str]:
        return {name: sha for lane in self._lanes.values() for name, sha in lane.worker.models.items()}


def main(commands: Mapping[str, Sequence[str]], engine: EngineId) -> int:
    """Serves until SIGTERM or until the engine cannot be used; returns the exit code."""
    try:
        config = read_config()
        work = EngineWork(engine, commands, config.timeout_seconds)
        server = EngineServer(config.host, config.port, work)
    except (ValueError, OSError) as error:
        log("error", "the engine cannot be used", error=f"{error}")
        return 1
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: _stop(work))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log("info", "listening", port=server.server_port)
    threading.Thread(target=work.load, daemon=True).start()
    work.wait_ended()
    if work.state == "failed":
        time.sleep(FAILED_SECONDS)
        return 1
    log("info", "stopping")
    if not work.drain(DRAIN_SECONDS):
        log("warn", "a job is abandoned: its time is up")
    work.abandon()
    work.drain(ABANDON_SECONDS)
    server.wait_answered(ABANDON_SECONDS / 3)
    return 0


def _stop(work: EngineWork) -> None:
    if work.state != "failed":
        work.state = "stopping"
    work.end()


def image_commands(root: Path = Path("/")) -> dict[str, list[str]]:
    """As the Dockerfile lays them out under `root`: an environment for each model."""
    opt = root / "opt"
    return {
        "other": [str(opt / "sam3/bin/python"), "-m", "gen3d_engine.sam3.worker", str(opt / "ml/model")],
        "reconstruct": [str(opt / "sam3d/bin/python"), "-m", "gen3d_engine.sam3d.worker", str(opt / "ml/model")],
    }


if __name__ == "__main__":
    code = main(image_commands(), EngineId(ENGINE_NAME, ENGINE_VERSION))
    sys.stdout.flush()
    # Threads that still answer a ping, or wait in a pool, hold nothing that matters.
    os._exit(code)
