"""A server of the hub's protocol for tests, as far as the weights need it: hub and storage on a port each."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_open"
CLOSED_TOKEN = "hf_closed"


@dataclass
class Publisher:
    # By (repository, commit, name); those in `large` are kept by the storage.
    files: dict[tuple[str, str, str], bytes]
    large: set[str]
    gated: set[str]
    # The storage breaks off once after so many bytes of each answer.
    break_after: int | None = None
    # The hub answers so many calls with 503 first.
    busy: int = 0
    storage: str = ""
    asked: list[str] = field(default_factory=list)


class _Answer(BaseHTTPRequestHandler):
    publisher: Publisher
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def log_message(self, *_: object) -> None: ...

    def answer(self) -> None:
        raise NotImplementedError

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


class _Hub(_Answer):
    def answer(self) -> None:
        publisher = self.publisher
        publisher.asked.append(f"{self.command} {self.path}")
        if publisher.busy:
            publisher.busy -= 1
            return self.send(503)
        cached = self.path.startswith("/api/resolve-cache/models/")
        parts = self.path.removeprefix("/api/resolve-cache/models").split("/")[1:]
        repository = "/".join(parts[:2])
        commit, name = (parts[2], "/".join(parts[3:])) if cached else (parts[3], "/".join(parts[4:]))
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        if token not in ("", TOKEN, CLOSED_TOKEN):
            return self.send(401, X_Error_Message="Invalid credentials in Authorization header")
        if repository in publisher.gated and token != TOKEN:
            return self.send(403 if token else 401, X_Error_Code="GatedRepo")
        content = publisher.files.get((repository, commit, name))
        if content is None:
            return self.send(404, X_Error_Code="EntryNotFound")
        if name in publisher.large:
            digest = hashlib.sha256(content).hexdigest()
            return self.send(
                302,
                Location=f"{publisher.storage}/{digest}",
                X_Repo_Commit=commit,
                X_Linked_Size=str(len(content)),
                X_Linked_Etag=f'"{digest}"',
            )
        if not cached:
            return self.send(307, Location=f"/api/resolve-cache/models/{repository}/{commit}/{name}")
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return self.send(200, content, ETag=f'"{git}"', X_Repo_Commit=commit)


class _Storage(_Answer):
    def answer(self) -> None:
        publisher = self.publisher
        if self.headers["Authorization"]:
            return self.send(400, b"a token at the storage")
        contents = {hashlib.sha256(content).hexdigest(): content for content in publisher.files.values()}
        content = contents[self.path[1:]]
        start = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
        if publisher.break_after is not None and start == 0 and len(content) > publisher.break_after:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: publisher.break_after])
            self.close_connection = True
            return None
        return self.send(206 if start else 200, content[start:])


@contextmanager
def serve_hub(publisher: Publisher) -> Iterator[str]:
    """The hub's address."""
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (kind,), {"publisher": publisher}))
        for kind in (_Hub, _Storage)
    ]
    hub, publisher.storage = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
