"""PyTorch's checkpoints, read without PyTorch and without running what they ask to be run.

Such a file is a zip: `data.pkl` describes the objects, `data/KEY` holds each storage's bytes, not compressed. A pickle
may name any function to be called. Here the few that rebuild tensors are played by functions of this file, and every
other name becomes an object that does nothing.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gen3d_engine.staging.published import StagingFailed
from gen3d_engine.staging.tensor_files import DTYPES, Tensor, read_range

STORAGES = {
    "DoubleStorage": "F64",
    "FloatStorage": "F32",
    "HalfStorage": "F16",
    "BFloat16Storage": "BF16",
    "LongStorage": "I64",
    "IntStorage": "I32",
    "ShortStorage": "I16",
    "CharStorage": "I8",
    "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}
LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: str
    length: int


@dataclass(frozen=True)
class _View:
    """A tensor: where it lies in its storage, in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Inert:
    """Stands for everything that is no tensor: it is built, filled and never does anything."""

    def __new__(cls, *_: Any, **__: Any) -> "_Inert":
        return object.__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...

    def __setitem__(self, _: Any, __: Any) -> None: ...

    def append(self, _: Any) -> None: ...

    def extend(self, _: Any) -> None: ...


def _view(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _View:
    return _View(storage, offset, tuple(shape), tuple(strides))


def _parameter(data: Any, *_: Any) -> Any:
    return data


KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch", "Size"): tuple,
    ("torch._utils", "_rebuild_tensor"): _view,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    **{("torch", name): dtype for name, dtype in STORAGES.items()},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return KNOWN.get((module, name), _Inert)

    def persistent_load(self, pid: Any) -> Any:
        kind, dtype, key, _, length = pid
        if kind != "storage" or dtype not in DTYPES:
            raise ValueError(f"a storage of unknown kind ({kind}, {dtype})")
        return _Storage(str(key), dtype, int(length))


def read_state(path: Path, label: str, key: str | None = None) -> list[Tensor]:
    """The tensors of a checkpoint's dictionary, or of its entry `key`; other entries are left out. StagingFailed, with
    `label` for the file, where it is no whole checkpoint."""
    try:
        with zipfile.ZipFile(path) as archive:
            [described] = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            root = described.removesuffix("data.pkl")
            if f"{root}byteorder" in archive.namelist() and archive.read(f"{root}byteorder") != b"little":
                raise ValueError("its numbers are big-endian")
            state = _Unpickler(io.BytesIO(archive.read(described))).load()
            if key is not None:
                state = state[key]
            views = {str(name): view for name, view in state.items() if isinstance(view, _View)}
            return [_to_tensor(path, archive, root, name, view) for name, view in views.items()]
    # A damaged pickle can raise whatever its parts raise.
    except Exception as error:
        raise StagingFailed(f"{label} is no whole PyTorch checkpoint: {type(error).__name__}: {error}") from error


def _to_tensor(path: Path, archive: zipfile.ZipFile, root: str, name: str, view: _View) -> Tensor:
    entry = archive.getinfo(f"{root}data/{view.storage.key}")
    width = DTYPES[view.storage.dtype]
    last = view.offset + sum((n - 1) * stride for n, stride in zip(view.shape, view.strides, strict=True))
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size < view.storage.length * width:
        raise ValueError(f"{name} has no whole storage")
    if 0 not in view.shape and not 0 <= view.offset <= last < view.storage.length:
        raise ValueError(f"{name} lies outside of its storage")
    start = _data_offset(path, entry)

    def pieces() -> Iterator[bytes]:
        for first, length in _runs(view.offset, view.shape, view.strides):
            yield from read_range(path, start + first * width, length * width)

    return Tensor(name, view.storage.dtype, view.shape, pieces)


def _data_offset(path: Path, entry: zipfile.ZipInfo) -> int:
    """The local header's name and extra field have lengths of their own."""
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(LOCAL_HEADER_BYTES)
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return entry.header_offset + LOCAL_HEADER_BYTES + names


def _runs(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """(first, length) of the pieces that lie together, in C order."""
    length = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size != 1 and stride != length:
            break
        length *= size
    else:
        yield offset, length
        return
    for index in range(shape[0]):
        yield from _runs(offset + index * strides[0], shape[1:], strides[1:])
