"""The two routes over a real socket, and what S3's answers mean."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from gen3d_engine.fair_queue import NobodyWaits, QueueClosed
from gen3d_engine.http_server import EngineServer
from gen3d_engine.jobs import Answer
from gen3d_engine.objects import S3ObjectStore


class ListedWork:
    """Says what the test says; an exception is raised."""

    def __init__(self) -> None:
        self.state = "ready"
        self.answer: Any = Answer(200, {"ok": True})

    def run(self, request: dict[str, Any], gone: Callable[[], bool]) -> Answer:
        if callable(self.answer):
            return self.answer(gone)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def work() -> ListedWork:
    return ListedWork()


@pytest.fixture
def server(work: ListedWork) -> Iterator[EngineServer]:
    made = EngineServer("127.0.0.1", 0, work)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(server: EngineServer, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.parametrize(("state", "status"), [("loading", 503), ("ready", 200), ("failed", 500), ("stopping", 503)])
def test_a_ping_tells_the_state_and_a_job_is_taken_only_when_ready(
    server: EngineServer, work: ListedWork, state: str, status: int
) -> None:
    work.state = state
    assert ask(server, "GET", "/ping?x") == (status, {"state": state})
    assert ask(server, "POST", "/invocations", b"{}")[0] == (200 if state == "ready" else 503)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 404),
        ("POST", "/ping", b"{}", 404),
        ("POST", "/invocations", b"{", 400),
        ("POST", "/invocations", b"[]", 400),
        ("POST", "/invocations", b" " * 1_500_000, 413),
        ("POST", "/invocations", b"{}", 200),
    ],
)
def test_what_is_no_request_is_refused(server: EngineServer, method: str, path: str, body: Any, status: int) -> None:
    assert ask(server, method, path, body)[0] == status


@pytest.mark.parametrize(("error", "status"), [(QueueClosed(), 503), (NobodyWaits(), 503), (ValueError("x"), 500)])
def test_what_is_raised_becomes_an_answer(
    server: EngineServer, work: ListedWork, error: Exception, status: int
) -> None:
    work.answer = error
    assert ask(server, "POST", "/invocations", b"{}")[0] == status


def test_a_body_of_unknown_length_is_refused(server: EngineServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), 10) as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 411 " in connection.recv(100)


def test_a_ping_does_not_wait_for_a_job_and_who_hung_up_is_noticed(server: EngineServer, work: ListedWork) -> None:
    noticed = threading.Event()

    def until_gone(gone: Callable[[], bool]) -> Answer:
        assert not gone()
        while not gone():
            time.sleep(0.01)
        noticed.set()
        return Answer(200, {})

    work.answer = until_gone
    connection = socket.create_connection(("127.0.0.1", server.server_port), 10)
    connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    assert ask(server, "GET", "/ping")[0] == 200
    connection.close()
    assert noticed.wait(10)
    server.wait_answered(10)
    assert server._open == 0


@pytest.fixture
def s3() -> Iterator[tuple[S3ObjectStore, Stubber]]:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield S3ObjectStore("b", client), stubber


def test_absent_changed_and_taken_are_answers_and_everything_else_is_an_error(
    s3: tuple[S3ObjectStore, Stubber],
) -> None:
    store, stubber = s3
    stubber.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    assert store.get("k") is None
    stubber.add_client_error("get_object", "PreconditionFailed", http_status_code=412)
    assert store.get("k", "etag") is None
    stubber.add_client_error("head_object", "404", http_status_code=404)
    assert not store.exists("k")
    for code in ("PreconditionFailed", "ConditionalRequestConflict"):
        stubber.add_client_error("put_object", code)
        assert not store.put("k", b"", "text/plain", if_absent=True)
    stubber.add_response("put_object", {})
    assert store.put("k", b"", "text/plain")
    for method, call in (
        ("get_object", lambda: store.get("k")),
        ("head_object", lambda: store.exists("k")),
        ("put_object", lambda: store.put("k", b"", "text/plain", if_absent=True)),
    ):
        stubber.add_client_error(method, "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_a_folder_is_listed_page_by_page_and_deleted(s3: tuple[S3ObjectStore, Stubber]) -> None:
    store, stubber = s3
    stubber.add_response(
        "list_objects_v2", {"Contents": [{"Key": "a"}], "IsTruncated": True, "NextContinuationToken": "n"}
    )
    stubber.add_response("list_objects_v2", {"Contents": [{"Key": "b"}], "IsTruncated": False})
    assert list(store.list("p")) == ["a", "b"]
    stubber.add_response("delete_objects", {})
    store.delete(["a", "b"])
    store.delete([])
    stubber.add_response("delete_objects", {"Errors": [{"Key": "a"}]})
    with pytest.raises(OSError, match="1 objects"):
        store.delete(["a"])
