"""SageMaker's container contract: GET /ping and POST /invocations."""

import json
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from gen3d_engine.fair_queue import NobodyWaits, QueueClosed
from gen3d_engine.jobs import Answer, refuse
from gen3d_engine.log import log

# A request is a few hundred bytes of JSON: keys, no pictures.
MAX_REQUEST_BYTES = 1_000_000
PING_STATUS = {"loading": 503, "ready": 200, "failed": 500, "stopping": 503}


class Work(Protocol):
    """What stands behind the two routes."""

    @property
    def state(self) -> str: ...

    def run(self, request: dict[str, Any], gone: Callable[[], bool]) -> Answer: ...


class Handler(BaseHTTPRequestHandler):
    """One connection, one thread: a ping never waits for an invocation."""

    protocol_version = "HTTP/1.1"
    server: "EngineServer"

    def do_GET(self) -> None:
        state = self.server.work.state
        if self._path() == "/ping":
            self._send(PING_STATUS[state], {"state": state})
        else:
            self._send(404, error_body("not_found", "There are GET /ping and POST /invocations."))

    def do_POST(self) -> None:
        if self._path() != "/invocations":
            self.close_connection = True
            self._send(404, error_body("not_found", "There are GET /ping and POST /invocations."))
            return
        body = self._read()
        if body is None:
            return
        with self.server.answering():
            answer = self._invoke(body)
            self._send(answer.status, answer.body)

    def _invoke(self, body: bytes) -> Answer:
        state = self.server.work.state
        if state != "ready":
            return Answer(503, error_body("unavailable", f"The engine is {state}."))
        try:
            request = json.loads(body)
        except ValueError:
            return Answer(400, error_body("invalid_json", "The body is not JSON."))
        if not isinstance(request, dict):
            return refuse("request: is no object")
        try:
            return self.server.work.run(request, self._gone)
        except QueueClosed:
            return Answer(503, error_body("unavailable", "The engine is stopping."))
        except NobodyWaits:
            self.close_connection = True
            return Answer(503, error_body("unavailable", "Nobody waits for the answer."))
        except Exception as error:
            log("error", "request failed", error=f"{type(error).__name__}: {error}")
            return Answer(500, error_body("internal", "The engine’s process failed. Try again."))

    def _read(self) -> bytes | None:
        """None when the request was refused; its body is read all the same, or the answer would not arrive."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            self._send(411, error_body("invalid_request", "Send the body with a Content-Length."))
            return None
        left = int(length)
        if left <= MAX_REQUEST_BYTES:
            return self.rfile.read(left)
        self.close_connection = True
        while left > 0:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                break
            left -= len(piece)
        self._send(413, error_body("too_large", f"A request has at most {MAX_REQUEST_BYTES} bytes."))
        return None

    def _gone(self) -> bool:
        """Whether the caller hung up."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _path(self) -> str:
        return self.path.split("?", 1)[0]

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            # Nobody is there any more to hear it.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Pings every few seconds are no news."""


class EngineServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, work: Work) -> None:
        self.work = work
        self._answered = threading.Condition()
        self._open = 0
        super().__init__((host, port), Handler)

    def handle_error(self, *_: Any) -> None:
        error = sys.exception()
        # Health checks hang up as they like.
        if not isinstance(error, ConnectionError):
            log("error", "connection failed", error=f"{type(error).__name__}: {error}")

    @contextmanager
    def answering(self) -> Iterator[None]:
        with self._answered:
            self._open += 1
        try:
            yield
        finally:
            with self._answered:
                self._open -= 1
                self._answered.notify_all()

    def wait_answered(self, seconds: float) -> None:
        """Returns once every invocation has its answer, or after so long."""
        with self._answered:
            self._answered.wait_for(lambda: self._open == 0, seconds)


def error_body(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
