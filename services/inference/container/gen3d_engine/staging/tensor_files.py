"""safetensors files, read and written a piece at a time: no file of any size has to fit into memory."""

import array
import hashlib
import json
import math
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from gen3d_engine.staging.published import StagingFailed

# Bytes of one element.
DTYPES = {
    **{"F64": 8, "F32": 4, "F16": 2, "BF16": 2},
    **{"I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1},
}
# A multiple of every element's size.
PIECE_BYTES = 1 << 20
HEADER_LIMIT = 100_000_000


@dataclass(frozen=True)
class Tensor:
    name: str
    dtype: str
    shape: tuple[int, ...]
    # Its bytes, little-endian and in C order, in pieces of whole elements.
    pieces: Callable[[], Iterator[bytes]]

    @property
    def size(self) -> int:
        return math.prod(self.shape) * DTYPES[self.dtype]


@dataclass(frozen=True)
class Written:
    size: int
    sha256: str


def read_tensors(path: Path, label: str) -> list[Tensor]:
    """StagingFailed, with `label` for the file, where it is no whole safetensors file."""
    whole = path.stat().st_size
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(whole, HEADER_LIMIT):
                raise ValueError("its header does not end")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        return [_entry(path, 8 + length, whole, name, entry) for name, entry in header.items()]
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise StagingFailed(f"{label} is no whole safetensors file: {error}") from error


def _entry(path: Path, start: int, whole: int, name: str, entry: dict[str, list[int]]) -> Tensor:
    first, last = (start + offset for offset in entry["data_offsets"])
    tensor = Tensor(name, str(entry["dtype"]), tuple(entry["shape"]), lambda: read_range(path, first, last - first))
    if last > whole or last - first != tensor.size:
        raise ValueError(f"{name} lies outside of it")
    return tensor


def read_range(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        yield from _read(file, length)


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        piece = file.read(min(PIECE_BYTES, length))
        if not piece:
            raise StagingFailed(f"{file.name} ends too early")
        length -= len(piece)
        yield piece


def to_half(tensor: Tensor, label: str) -> Tensor:
    """32-bit floats as 16-bit floats, rounded as the GPU's own conversion does; anything else stays as it is."""
    if tensor.dtype != "F32":
        return tensor

    def pieces() -> Iterator[bytes]:
        for piece in tensor.pieces():
            yield _halve(piece, f"{label}: {tensor.name}")

    return replace(tensor, dtype="F16", pieces=pieces)


def _halve(piece: bytes, label: str) -> bytes:
    values = array.array("f", piece)
    if sys.byteorder == "big":
        values.byteswap()
    try:
        # The sum of any piece of finite 32-bit floats is finite.
        if math.isfinite(sum(values)):
            return struct.pack(f"<{len(values)}e", *values)
    except OverflowError:
        pass
    raise StagingFailed(f"{label} has a number that does not fit into 16 bits")


def write_tensors(path: Path, tensors: Iterable[Tensor]) -> Written:
    """By name, so that the same tensors make the same file; never half a file at `path`."""
    ordered = sorted(tensors, key=lambda tensor: tensor.name)
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for tensor in ordered:
        header[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + tensor.size],
        }
        offset += tensor.size
    text = json.dumps(header, separators=(",", ":")).encode()
    # The data begins at a multiple of eight.
    text += b" " * (-len(text) % 8)

    def pieces() -> Iterator[bytes]:
        yield struct.pack("<Q", len(text)) + text
        for tensor in ordered:
            length = 0
            for piece in tensor.pieces():
                length += len(piece)
                yield piece
            if length != tensor.size:
                raise StagingFailed(f"{tensor.name} has {length} bytes, {tensor.size} are expected")

    return write_pieces(path, pieces())


def write_pieces(path: Path, pieces: Iterable[bytes]) -> Written:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    part.replace(path)
    return Written(size, digest.hexdigest())
