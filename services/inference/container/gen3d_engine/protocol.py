"""The worker's side of the pipe. One JSON object a line; files are handed over by path.

server -> worker   run {call}        call: kind, photo, text, masks [{name, file}], options, folder for results
                   go_on | let_go    the answer to a progress
worker -> server   ready {name, version, models} | unusable {message}      once, first
                   progress {stage, fraction}
                   done {result} | failed {code, message}
"""

import json
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gen3d_engine.contract import JobFailed

Progress = Callable[[str, float], None]
Message = dict[str, Any]


class LetGo(Exception):
    """Nobody wants this call's result any more."""


@dataclass(frozen=True)
class MaskFile:
    name: str
    file: Path


@dataclass(frozen=True)
class Call:
    kind: str
    photo: Path
    masks: list[MaskFile]
    options: dict[str, Any] | None
    folder: Path
    # Of a select: what to find.
    text: str | None = None


class Engine(Protocol):
    """What a worker holds once it is loaded."""

    models: dict[str, str]

    def run(self, call: Call, progress: Progress) -> Message: ...


@dataclass
class _Pipe:
    out: int
    inbox: "queue.Queue[Message]" = field(default_factory=queue.Queue)

    def say(self, message: Message) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        while data:
            data = data[os.write(self.out, data) :]

    def read(self) -> None:
        for line in sys.stdin.buffer:
            self.inbox.put(json.loads(line))
        # The server is gone: nobody can want what this process computes.
        os._exit(0)


def refuse_network() -> None:
    """Makes every connection of this process fail: models come from the folder, never from a hub."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            raise PermissionError(f"a worker has no network: {args[0]}")
        if event == "socket.connect" and args[0].family != getattr(socket, "AF_UNIX", None):
            raise PermissionError(f"a worker has no network: {args[1]}")

    sys.addaudithook(hook)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")


def serve(load: Callable[[], Engine]) -> None:
    """Runs this process as a worker until the server closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = _Pipe(os.dup(1))
    # What libraries print belongs to the log, not to the protocol.
    os.dup2(2, 1)
    threading.Thread(target=pipe.read, daemon=True).start()
    refuse_network()
    try:
        engine = load()
    except Exception as error:  # Whatever it was, the server says it and ends.
        pipe.say({"type": "unusable", "message": f"{error}" or type(error).__name__})
        sys.exit(1)
    pipe.say({"type": "ready", "models": engine.models})
    while True:
        message = pipe.inbox.get()
        if message["type"] == "run":
            pipe.say(_run(engine, _to_call(message["call"]), pipe))


def _run(engine: Engine, call: Call, pipe: _Pipe) -> Message:
    def progress(stage: str, fraction: float) -> None:
        pipe.say({"type": "progress", "stage": stage, "fraction": fraction})
        if pipe.inbox.get()["type"] != "go_on":
            raise LetGo

    try:
        return {"type": "done", "result": engine.run(call, progress)}
    except JobFailed as error:
        return {"type": "failed", "code": error.code, "message": str(error)}
    except LetGo:
        return {"type": "failed", "code": "engine_failed", "message": "let go"}
    except Exception as error:
        traceback.print_exc()
        code = "out_of_memory" if _is_out_of_memory(error) else "engine_failed"
        return {"type": "failed", "code": code, "message": f"{type(error).__name__}: {error}"}


def _is_out_of_memory(error: BaseException) -> bool:
    # By name: the server's environment and the tests have no torch to import the class from.
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _to_call(message: Message) -> Call:
    return Call(
        kind=message["kind"],
        photo=Path(message["photo"]),
        masks=[MaskFile(mask["name"], Path(mask["file"])) for mask in message["masks"]],
        options=message["options"],
        folder=Path(message["folder"]),
        text=message.get("text"),
    )
