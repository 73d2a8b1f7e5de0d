"""From the published files to those that the engine loads, and the lock file that names them.

SAM 3: split by module, in the half precision in which it runs on the GPU; the prompt decoder, which the page runs in
full precision, stays as it is. SAM 3D Objects: pickles become one safetensors file a module with the tensors that are
loaded, in their own precision (chapter 7 says why). Everything else is copied.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from gen3d_engine.staging.pickled import read_state
from gen3d_engine.staging.published import PublishedFile, StagingFailed, read_pieces
from gen3d_engine.staging.tensor_files import Tensor, Written, read_tensors, to_half, write_pieces, write_tensors
from gen3d_engine.weights import LOCK_FILE, LOCK_FORMAT, MODELS

VISION, TRACKER, TEXT = "sam3/vision.safetensors", "sam3/tracker.safetensors", "sam3/text.safetensors"
INDEX = "sam3/model.safetensors.index.json"
# Of the tracker's video memory; a photo has no earlier frames.
MEMORY = (
    "memory_",
    "mask_downsample",
    "object_pointer_proj",
    "temporal_positional_encoding_projection_layer",
    "no_memory_positional_encoding",
    "no_object_pointer",
    "occlusion_spatial_embedding_parameter",
)
# A generator's checkpoint is a training run's: two of its models are used, under these names.
GENERATORS = ("ss_generator", "slat_generator")
PARTS = {"generator": "_base_models.generator.", "condition_embedder": "_base_models.condition_embedder."}

Files = dict[str, Written]


def prepare_file(file: str, source: Path, folder: Path) -> Files:
    """Writes under `folder` what becomes of `source`, the published `file` (`sam3/config.json`). StagingFailed."""
    if file == "sam3/model.safetensors":
        return split_sam3(read_tensors(source, file), folder)
    path = Path(file)
    if path.suffix != ".ckpt":
        return {file: write_pieces(folder / file, read_pieces(source))}
    if path.stem in GENERATORS:
        return _split_generator(path, read_state(source, file, "state_dict"), folder)
    target = path.with_suffix(".safetensors").as_posix()
    return {target: _write(folder / target, read_state(source, file), file)}


def split_sam3(tensors: Iterable[Tensor], folder: Path) -> Files:
    parts: dict[str, list[Tensor]] = {VISION: [], TRACKER: [], TEXT: []}
    for tensor in tensors:
        part = _part_of(tensor.name)
        if part:
            parts[part].append(_as_it_runs(tensor))
    # What reads texts may be lacking: then the lock lacks its file, and `check_complete` says whether that matters.
    parts = {name: part for name, part in parts.items() if part or name != TEXT}
    files = {name: _write(folder / name, part, "sam3/model.safetensors") for name, part in parts.items()}
    total = sum(tensor.size for part in parts.values() for tensor in part)
    places = {tensor.name: Path(name).name for name, part in parts.items() for tensor in part}
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    files[INDEX] = write_pieces(folder / INDEX, [json.dumps(index, indent=1).encode()])
    return files


def _part_of(name: str) -> str | None:
    if name.startswith("detector_model.vision_encoder."):
        return VISION
    if name.startswith("detector_model."):
        return TEXT
    if name.startswith("tracker_neck."):
        return TRACKER
    if name.startswith("tracker_model."):
        return None if name.removeprefix("tracker_model.").startswith(MEMORY) else TRACKER
    raise StagingFailed(f"sam3/model.safetensors holds {name}, which is no part of SAM 3 as transformers names them")


def _as_it_runs(tensor: Tensor) -> Tensor:
    return tensor if tensor.name.startswith("tracker_model.") else to_half(tensor, "sam3/model.safetensors")


def _split_generator(path: Path, tensors: list[Tensor], folder: Path) -> Files:
    files: Files = {}
    for part, prefix in PARTS.items():
        target = path.with_suffix(f".{part}.safetensors").as_posix()
        chosen = [tensor for tensor in tensors if tensor.name.startswith(prefix)]
        files[target] = _write(folder / target, chosen, f"{path.as_posix()} ({part})")
    return files


def _write(target: Path, tensors: list[Tensor], label: str) -> Written:
    if not tensors:
        raise StagingFailed(f"{label} has none of the tensors that belong into {target.name}")
    return write_tensors(target, tensors)


def write_lock(folder: Path, files: Files, sources: dict[str, dict[str, Any]]) -> Written:
    """`sources`: by path, what each published file was and how it was checked."""
    lock = {
        "format": LOCK_FORMAT,
        "files": {name: {"bytes": made.size, "sha256": made.sha256} for name, made in sorted(files.items())},
        "sources": dict(sorted(sources.items())),
    }
    return write_pieces(folder / LOCK_FILE, [json.dumps(lock, indent=1).encode() + b"\n"])


def check_complete(files: Files, manifest: dict[str, Any]) -> None:
    """StagingFailed where a file is missing that the container will ask for."""
    needed = {f"{model}/{name}" for model in MODELS for name in manifest["models"].get(model, [])}
    missing = sorted(needed - set(files))
    if missing:
        raise StagingFailed(f"nothing became {missing[0]}, which the engine loads")


def stage(
    published: Iterable[PublishedFile],
    manifest: dict[str, Any],
    folder: Path,
    fetch: Callable[[PublishedFile], tuple[Path, dict[str, Any]]],
    say: Callable[[str], None],
) -> Written:
    """Makes `folder` whole, with its lock; `fetch` gives each published file, checked, and what to record of it."""
    files: Files = {}
    sources: dict[str, dict[str, Any]] = {}
    every = list(published)
    for position, file in enumerate(every, 1):
        say(f"{position}/{len(every)} {file.path} ({file.size / 1e6:.1f} MB)")
        source, record = fetch(file)
        made = prepare_file(file.path, source, folder)
        files.update(made)
        sources[file.path] = {
            "repository": file.repository,
            "revision": file.revision,
            "bytes": source.stat().st_size,
            **record,
        }
    check_complete(files, manifest)
    return write_lock(folder, files, sources)
