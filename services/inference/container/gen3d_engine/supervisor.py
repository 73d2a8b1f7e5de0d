"""The server's side of the pipe: a worker process that is started anew whenever it died."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gen3d_engine.contract import JOB_ERRORS, JobFailed
from gen3d_engine.log import log

# 20 GB from disk to two processes; SageMaker itself gives up after 1800 s.
LOAD_SECONDS = 1700.0
END_SECONDS = 10.0
Message = dict[str, Any]


class WorkerUnusable(Exception):
    """A worker could not be loaded: the container is of no use."""


class WorkerDied(Exception):
    """The pipe closed."""


@dataclass
class _Process:
    child: "subprocess.Popen[bytes]"
    inbox: "queue.Queue[Message | None]" = field(default_factory=queue.Queue)
    models: dict[str, str] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        assert self.child.stdin
        try:
            self.child.stdin.write(json.dumps(message).encode() + b"\n")
            self.child.stdin.flush()
        except OSError as error:
            raise WorkerDied from error

    def receive(self, deadline: float) -> Message:
        """Raises queue.Empty at the deadline, WorkerDied when the process ended."""
        message = self.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        if message is None:
            raise WorkerDied
        return message

    def read(self) -> None:
        assert self.child.stdout
        for line in self.child.stdout:
            try:
                self.inbox.put(json.loads(line))
            except ValueError:
                break
        self.inbox.put(None)

    def end(self) -> int:
        self.child.kill()
        return self.child.wait()


class Worker:
    """Takes one call at a time."""

    def __init__(self, name: str, command: Sequence[str], timeout_seconds: float) -> None:
        self.name = name
        self._command = list(command)
        self._timeout = timeout_seconds
        self._process: _Process | None = None
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def models(self) -> dict[str, str]:
        return self._process.models if self._process else {}

    def ready(self) -> None:
        """Returns once the worker is loaded; starts it where none is alive. WorkerUnusable when it cannot be loaded."""
        with self._lock:
            if self._process and self._process.child.poll() is None:
                return
            if self._stopped:
                raise JobFailed("engine_failed", "the engine is stopping")
            self._process = self._start()
            self._await_ready(self._process)

    def call(self, message: Message, on_progress: Callable[[str, float], None]) -> Message:
        """The result of one call. JobFailed by name; what `on_progress` raises comes through once the worker let go."""
        self.ready()
        process = self._process
        if process is None:
            raise JobFailed("engine_failed", "the engine is stopping")
        try:
            return self._converse(process, message, on_progress)
        except queue.Empty:
            self._replace(process)
            raise JobFailed("timed_out", f"no result within {self._timeout:g} s") from None
        except WorkerDied:
            raise self._explain(self._replace(process)) from None
        except JobFailed as error:
            # A worker that ran out of memory holds fragments of it; a new one starts clean.
            if error.code == "out_of_memory":
                self._replace(process)
            raise

    def stop(self) -> None:
        """Ends the process; a running call fails, and no new one is started."""
        self._stopped = True
        process = self._process
        if process:
            process.end()

    def _converse(self, process: _Process, message: Message, on_progress: Callable[[str, float], None]) -> Message:
        deadline = time.monotonic() + self._timeout
        refusal: Exception | None = None
        process.send({"type": "run", "call": message})
        while True:
            word = process.receive(deadline)
            match word["type"]:
                case "progress":
                    try:
                        on_progress(word["stage"], word["fraction"])
                    except Exception as error:
                        refusal = error
                    process.send({"type": "let_go" if refusal else "go_on"})
                case "done" if refusal is None:
                    result: Message = word["result"]
                    return result
                case "failed" if refusal is None:
                    code = word["code"] if word["code"] in JOB_ERRORS else "engine_failed"
                    raise JobFailed(code, word["message"])
                case _:
                    raise refusal or JobFailed("engine_failed", f"the worker said {word['type']}")

    def _replace(self, process: _Process) -> int:
        """Ends a process that is of no more use; the next one loads at once, beside whatever the caller does."""
        code = process.end()
        log("warn", "worker ended", worker=self.name, code=code)
        if not self._stopped:
            threading.Thread(target=self._reload, daemon=True).start()
        return code

    def _reload(self) -> None:
        try:
            self.ready()
        except (WorkerUnusable, JobFailed):
            # The next call says it, and ends the container.
            log("warn", "worker could not be loaded again", worker=self.name)

    def _explain(self, code: int) -> JobFailed:
        if code == -signal.SIGKILL and not self._stopped:
            return JobFailed("out_of_memory", "the system ended the worker")
        reason = signal.Signals(-code).name if code < 0 else f"code {code}"
        return JobFailed("engine_failed", f"the worker {self.name} died: {reason}")

    def _start(self) -> _Process:
        child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(os.environ),
            bufsize=-1,
        )
        process = _Process(child)
        threading.Thread(target=process.read, daemon=True).start()
        return process

    def _await_ready(self, process: _Process) -> None:
        try:
            word = process.receive(time.monotonic() + LOAD_SECONDS)
        except queue.Empty:
            process.end()
            raise WorkerUnusable(f"{self.name}: not loaded within {LOAD_SECONDS:g} s") from None
        except WorkerDied:
            raise WorkerUnusable(f"{self.name}: died while loading, code {process.end()}") from None
        if word["type"] != "ready":
            process.end()
            raise WorkerUnusable(f"{self.name}: {word.get('message', word['type'])}")
        process.models = word["models"]


def worker_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Models need no account: a worker gets nothing that opens one."""
    return {name: value for name, value in env.items() if not name.startswith(("AWS_", "HF_TOKEN"))}
