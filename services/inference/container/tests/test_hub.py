"""Fetching from the hub, against a real HTTP server of its protocol, which the hub's own client understands, too."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import GatedRepoError

from gen3d_engine.staging.__main__ import fetch
from gen3d_engine.staging.hub import Hub
from gen3d_engine.staging.published import HubRecord, PublishedFile, StagingFailed, published_files
from gen3d_engine.weights import LOCK_FILE, check_weights
from tests.hub_server import CLOSED_TOKEN, TOKEN, Publisher, serve_hub
from tests.make_tiny_weights import write_published

COMMIT = "a" * 40
ACCEPT = "https://huggingface.co/facebook/sam3"
LARGE = bytes(range(256)) * 400
SMALL = b'{"a": 1}'


def publisher(**more: Any) -> Publisher:
    files = {("facebook/sam3", COMMIT, "large.bin"): LARGE, ("facebook/sam3", COMMIT, "config.json"): SMALL}
    return Publisher(files, {"large.bin"}, {"facebook/sam3"}, **more)


def described(name: str, content: bytes, sha256: str | None = None) -> PublishedFile:
    return PublishedFile("facebook/sam3", COMMIT, ACCEPT, f"sam3/{name}", name, len(content), sha256)


LARGE_FILE = described("large.bin", LARGE, hashlib.sha256(LARGE).hexdigest())


def no_wait(_: float) -> None: ...


def test_the_server_speaks_what_the_hub_s_own_client_expects(tmp_path: Path) -> None:
    with serve_hub(publisher()) as endpoint:
        for name, content in (("large.bin", LARGE), ("config.json", SMALL)):
            ask = {"endpoint": endpoint, "revision": COMMIT, "cache_dir": tmp_path}
            path = hf_hub_download("facebook/sam3", name, token=TOKEN, **ask)
            assert Path(path).read_bytes() == content
        with pytest.raises(GatedRepoError):
            hf_hub_download(
                "facebook/sam3", "large.bin", token=CLOSED_TOKEN, endpoint=endpoint, cache_dir=tmp_path / "b"
            )


def test_a_file_comes_whole_and_the_hub_s_record_of_it_before(tmp_path: Path) -> None:
    with serve_hub(publisher()) as endpoint:
        hub = Hub(TOKEN, endpoint, no_wait)
        record = hub.record(LARGE_FILE)
        assert record == HubRecord(len(LARGE), hashlib.sha256(LARGE).hexdigest())
        hub.download(LARGE_FILE, record.size, tmp_path / "large")
        assert (tmp_path / "large").read_bytes() == LARGE
        small = described("config.json", SMALL)
        assert len(hub.record(small).etag) == 40
        hub.download(small, len(SMALL), tmp_path / "small")
        assert (tmp_path / "small").read_bytes() == SMALL


def test_a_broken_connection_and_a_busy_hub_are_gone_on_with(tmp_path: Path) -> None:
    broken = publisher(break_after=1000, busy=1)
    with serve_hub(broken) as endpoint:
        Hub(TOKEN, endpoint, no_wait).download(LARGE_FILE, len(LARGE), tmp_path / "large")
    assert (tmp_path / "large").read_bytes() == LARGE
    # 503, then what broke off, then the rest.
    assert len(broken.asked) == 3


def test_what_an_earlier_call_has_left_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "large.part").write_bytes(LARGE[:5000])
    with serve_hub(publisher(break_after=0)) as endpoint:
        Hub(TOKEN, endpoint, no_wait).download(LARGE_FILE, len(LARGE), tmp_path / "large")
        assert (tmp_path / "large").read_bytes() == LARGE
        # More than there is: it cannot be a beginning.
        (tmp_path / "small.part").write_bytes(SMALL + b"x")
        Hub(TOKEN, endpoint, no_wait).download(described("config.json", SMALL), len(SMALL), tmp_path / "small")
        assert (tmp_path / "small").read_bytes() == SMALL


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (CLOSED_TOKEN, f"facebook/sam3 is not open to this token: accept its licence at {ACCEPT}"),
        ("", f"accept its licence at {ACCEPT}"),
        ("hf_typo", "the token is not valid: make one at"),
    ],
)
def test_a_refusal_names_what_to_do(token: str, words: str) -> None:
    with serve_hub(publisher()) as endpoint, pytest.raises(StagingFailed, match=words):
        Hub(token, endpoint, no_wait).record(LARGE_FILE)


def test_a_file_that_is_gone_or_another_is_named(tmp_path: Path) -> None:
    with serve_hub(publisher()) as endpoint:
        hub = Hub(TOKEN, endpoint, no_wait)
        with pytest.raises(StagingFailed, match=r"sam3/gone: facebook/sam3 has no gone at a{40}"):
            hub.record(described("gone", b"x"))
        with pytest.raises(StagingFailed, match=r"sam3/large\.bin: the hub has another file"):
            hub.record(dataclasses.replace(LARGE_FILE, sha256="0" * 64))
    # Nobody there any more.
    with pytest.raises(StagingFailed, match=r"sam3/large\.bin cannot be fetched"):
        hub.download(LARGE_FILE, len(LARGE), tmp_path / "large")


def test_fetching_leaves_converted_weights_that_the_container_takes_and_nothing_else(tmp_path: Path) -> None:
    write_published(tmp_path / "published")
    small = ("config.json", "vocab.json", "merges.txt")
    contents = {name: (tmp_path / "published/sam3" / name).read_bytes() for name in (*small, "model.safetensors")}
    manifest = {
        "sources": [
            {
                "folder": "sam3",
                "repository": "facebook/sam3",
                "revision": COMMIT,
                "accept_at": ACCEPT,
                "files": [
                    # As in the repository's manifest: the small files' hashes are not known.
                    *({"name": name, "bytes": 1, "sha256": None} for name in small),
                    {
                        "name": "model.safetensors",
                        "bytes": len(contents["model.safetensors"]),
                        "sha256": hashlib.sha256(contents["model.safetensors"]).hexdigest(),
                    },
                ],
            }
        ],
        "models": {},
    }
    files = {("facebook/sam3", COMMIT, name): content for name, content in contents.items()}
    with serve_hub(Publisher(files, {"model.safetensors"}, {"facebook/sam3"})) as endpoint:
        lock_id = fetch(tmp_path / "models", Hub(TOKEN, endpoint, no_wait), manifest)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["models", "published"]
    check_weights("sam3", tmp_path / "models", {"GEN3D_WEIGHTS": lock_id})
    sources = json.loads((tmp_path / "models" / LOCK_FILE).read_text())["sources"]
    assert sources["sam3/config.json"]["checked"] == "the hub's record"
    assert sources["sam3/config.json"]["sha256"] == hashlib.sha256(contents["config.json"]).hexdigest()
    assert sources["sam3/model.safetensors"]["checked"] == "weights.json and the hub's record"
    assert len(published_files(manifest)) == len(sources)


def test_the_environment_names_token_and_endpoint_as_for_the_hub_s_own_clients() -> None:
    hub = Hub.from_environment({"HF_TOKEN": " t\n", "HF_ENDPOINT": "http://mirror/"})
    assert (hub.token, hub.endpoint) == ("t", "http://mirror")
    assert Hub.from_environment({}).endpoint == "https://huggingface.co"
