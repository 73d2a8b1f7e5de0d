"""The part of the Hugging Face hub's protocol that is needed: one file of one commit, what the hub has on record of it,
and its bytes from where an interrupted call left off."""

import http.client
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from gen3d_engine.staging.published import GIT_NAME, READ_BYTES, HubRecord, PublishedFile, StagingFailed

ENDPOINT = "https://huggingface.co"
TIMEOUT_SECONDS = 60
ATTEMPTS = 5
REDIRECTS = 5
Response = http.client.HTTPResponse
T = TypeVar("T")


@dataclass(frozen=True)
class Hub:
    token: str
    endpoint: str = ENDPOINT
    # Before each further attempt.
    wait: Callable[[float], None] = time.sleep

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "Hub":
        """HF_TOKEN and HF_ENDPOINT, as the hub's own clients read them."""
        return cls(env.get("HF_TOKEN", "").strip(), (env.get("HF_ENDPOINT") or ENDPOINT).rstrip("/"))

    def record(self, file: PublishedFile) -> HubRecord:
        """What the hub has on record; StagingFailed where that is not what weights.json expects."""
        with self._try(file, lambda: self._open("HEAD", file)) as response:
            headers = response.headers
        size = int(headers.get("X-Linked-Size") or headers.get("Content-Length") or 0)
        etag = re.sub(r'^W/|"', "", headers.get("X-Linked-Etag") or headers.get("ETag") or "")
        if not size or not etag:
            raise StagingFailed(f"{file.path}: the hub names no size and hash of it")
        if file.sha256 and (size, etag) != (file.size, file.sha256) and not GIT_NAME.fullmatch(etag):
            raise StagingFailed(
                f"{file.path}: the hub has another file ({size} bytes, {etag}) than weights.json expects"
            )
        return HubRecord(size, etag)

    def download(self, file: PublishedFile, size: int, target: Path) -> None:
        """Leaves the whole file at `target`; `target`.part is what an interrupted call goes on with."""
        part = target.with_name(f"{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)

        def append() -> None:
            there = part.stat().st_size if part.exists() else 0
            if there > size:
                part.unlink()
                there = 0
            if there < size:
                self._append(file, part, there)
            if part.stat().st_size != size:
                raise OSError(f"{part.stat().st_size} of {size} bytes came")

        self._try(file, append)
        part.replace(target)

    def _try(self, file: PublishedFile, ask: Callable[[], T]) -> T:
        for attempt in range(ATTEMPTS):
            if attempt:
                self.wait(2.0**attempt)
            try:
                return ask()
            except (OSError, http.client.HTTPException) as error:
                last = error
        raise StagingFailed(f"{file.path} cannot be fetched: {last}") from last

    def _append(self, file: PublishedFile, part: Path, there: int) -> None:
        with self._open("GET", file, there) as response, part.open("ab") as out:
            if there and response.status != http.client.PARTIAL_CONTENT:
                out.truncate(0)
            while piece := response.read(READ_BYTES):
                out.write(piece)

    def _address(self, file: PublishedFile) -> str:
        return f"{self.endpoint}/{file.repository}/resolve/{file.revision}/{urllib.parse.quote(file.name)}"

    def _open(self, method: str, file: PublishedFile, start: int = 0) -> Response:
        """Follows redirects; the token goes to the hub alone. A HEAD stops where the hub hands over to its storage:
        that answer has the hub's own record."""
        url = self._address(file)
        for _ in range(REDIRECTS):
            request = urllib.request.Request(url, method=method, headers={"Accept-Encoding": "identity"})
            if self.token and _host(url) == _host(self.endpoint):
                request.add_header("Authorization", f"Bearer {self.token}")
            if start:
                request.add_header("Range", f"bytes={start}-")
            response = self._ask(request, file)
            if response.status < 300:
                return response
            target = urllib.parse.urljoin(url, response.headers["Location"])
            if method == "HEAD" and _host(target) != _host(self.endpoint):
                return response
            response.close()
            url = target
        raise StagingFailed(f"{file.path}: the hub redirects without an end")

    def _ask(self, request: urllib.request.Request, file: PublishedFile) -> Response:
        try:
            response: Response = _OPENER.open(request, timeout=TIMEOUT_SECONDS)
            return response
        except urllib.error.HTTPError as error:
            if 300 <= error.code < 400 and error.headers.get("Location"):
                # It has the same face: status, headers, close.
                return cast(Response, error)
            with error:
                raise _refusal(error, file) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


def _refusal(error: urllib.error.HTTPError, file: PublishedFile) -> Exception:
    """A server's own fault (5xx, too many requests) is tried again; a refusal is final."""
    code = error.headers.get("X-Error-Code", "")
    if error.code == 403 or (error.code == 401 and code == "GatedRepo" and file.accept_at):
        return StagingFailed(
            f"{file.repository} is not open to this token: accept its licence at {file.accept_at}, as the person "
            "whose token it is, wait for the approval, and let the token read gated repositories"
        )
    if error.code == 401:
        return StagingFailed("the token is not valid: make one at https://huggingface.co/settings/tokens")
    if error.code == 404:
        return StagingFailed(f"{file.path}: {file.repository} has no {file.name} at {file.revision}")
    return OSError(f"the hub answers {error.code}")
