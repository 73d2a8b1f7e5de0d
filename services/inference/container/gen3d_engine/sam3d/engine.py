"""From a photo and masks to files in one frame; the pipeline behind it is the only part that needs a GPU."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gen3d_engine.contract import FORMATS, JobFailed, finite
from gen3d_engine.images import Mask, read_mask, read_photo
from gen3d_engine.protocol import Call, Progress
from gen3d_engine.sam3d.arrays import Floats, Mesh, Splat, join_splats, move_mesh, move_splat
from gen3d_engine.sam3d.camera_fit import FittedCamera, fit_camera
from gen3d_engine.sam3d.frames import column_major, place_in_manifest
from gen3d_engine.sam3d.pipeline import Pipeline, RawObject
from gen3d_engine.sam3d.presets import PRESETS, Preset
from gen3d_engine.sam3d.simplify import simplify
from gen3d_engine.sam3d.write_files import write_glb, write_ply, write_poster, write_stl

# Parts of the whole: making takes nearly all of it.
MADE = 0.9
# Above this part of the photo's longer side the camera is not to be relied on.
LARGE_RESIDUAL = 0.01
# Fainter gaussians say nothing of where the object ends.
SOLID = 0.5
GUESSED = "The back and the size are guessed from one photo; the largest object is called 1 m."
NO_MESH = "The GPU’s memory did not suffice for a mesh: there is only the splat. Try fewer objects or a lower quality."


@dataclass(frozen=True)
class Placed:
    """One object in the manifest's frame."""

    name: str
    mask: Mask
    splat: Splat
    mesh: Mesh | None


# What this engine makes, exactly the contract's list for it: the API refuses every other format by that list.
WRITERS: dict[str, Callable[[Sequence[Placed], Image.Image], bytes]] = {
    "ply": lambda placed, _: write_ply(join_splats([each.splat for each in placed])),
    "glb": lambda placed, _: write_glb([(each.name, each.mesh) for each in placed if each.mesh]),
    "stl": lambda placed, _: write_stl([each.mesh for each in placed if each.mesh]),
    "png": lambda placed, photo: write_poster(photo, np.logical_or.reduce([each.mask for each in placed])),
}
MESH_FORMATS = {name for name in WRITERS if FORMATS[name]["kind"] == "mesh"}


class Sam3dEngine:
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.models = pipeline.models

    def run(self, call: Call, progress: Progress) -> dict[str, Any]:
        options = call.options
        if call.kind != "reconstruct" or options is None:
            raise JobFailed("engine_failed", f"SAM 3D does not do {call.kind}")
        unknown = set(options["formats"]) - set(WRITERS)
        if unknown:
            raise JobFailed("engine_failed", f"sam3d does not write {sorted(unknown)}")
        photo = read_photo(call.photo.read_bytes())
        masks = [read_mask(mask.file.read_bytes(), photo.size) for mask in call.masks]
        if not masks:
            raise JobFailed("empty_mask", "a reconstruct without a mask")
        self._pipeline.measure()
        raws, warnings = self._make_all(photo, masks, options, progress)
        camera = fit_camera(raws[0].point_map, *photo.size)
        placed, object_to_camera = place_all(raws, [mask.name for mask in call.masks], masks)
        placed = [_with_fewer(each, options["target_triangles"]) for each in placed]
        progress("files", MADE)
        longer = max(photo.size)
        if camera.residual_pixels > LARGE_RESIDUAL * longer:
            warnings.append(f"The photo’s camera is uncertain by {camera.residual_pixels:.0f} pixels.")
        formats = [f for f in options["formats"] if f not in MESH_FORMATS or placed[0].mesh is not None]
        return {
            "objects": [
                {
                    "name": each.name,
                    "bounds": bounds_of(each),
                    "files": write_all(formats, [each], photo, call.folder / f"object-{i}"),
                }
                for i, each in enumerate(placed)
            ],
            "scene": {"files": write_all(formats, placed, photo, call.folder / "scene")} if len(placed) > 1 else None,
            "camera": _camera(camera, object_to_camera),
            "scale_basis": "assumed",
            "warnings": [GUESSED, *warnings],
            "measured": {
                "camera_residual_pixels": finite(camera.residual_pixels),
                **self._pipeline.measure(),
            },
        }

    def _make_all(
        self, photo: Image.Image, masks: Sequence[Mask], options: dict[str, Any], progress: Progress
    ) -> tuple[list[RawObject], list[str]]:
        """All objects, with meshes or all without: a scene of which a part has no mesh would mislead."""
        preset = PRESETS[options["quality"]]
        wants_mesh = bool(MESH_FORMATS & set(options["formats"]))
        try:
            return self._make(photo, masks, options["seed"], preset, wants_mesh, progress), []
        except Exception as error:
            if type(error).__name__ != "OutOfMemoryError" or not wants_mesh:
                raise
        if set(options["formats"]) <= MESH_FORMATS:
            raise JobFailed("out_of_memory", "no memory for a mesh, and nothing else was asked for")
        self._pipeline.free_memory()
        return self._make(photo, masks, options["seed"], preset, False, progress), [NO_MESH]

    def _make(
        self,
        photo: Image.Image,
        masks: Sequence[Mask],
        seed: int,
        preset: Preset,
        with_mesh: bool,
        progress: Progress,
    ) -> list[RawObject]:
        raws = []
        for i, mask in enumerate(masks):
            progress("shape", MADE * i / len(masks))
            rgba = np.dstack([np.asarray(photo), mask.astype(np.uint8) * 255])
            raws.append(self._pipeline.make(rgba, seed, preset, with_mesh=with_mesh))
        return raws


def place_all(raws: Sequence[RawObject], names: Sequence[str], masks: Sequence[Mask]) -> tuple[list[Placed], Floats]:
    """Moves everything to the manifest's frame; also object_to_camera, 4 x 4."""
    points = [raw.mesh.vertices if raw.mesh else solid_centres(raw.splat) for raw in raws]
    moves, object_to_camera = place_in_manifest([raw.pose for raw in raws], points)
    placed = [
        Placed(name, mask, move_splat(raw.splat, move), raw.mesh and move_mesh(raw.mesh, move))
        for raw, name, mask, move in zip(raws, names, masks, moves, strict=True)
    ]
    return placed, object_to_camera


def solid_centres(splat: Splat) -> Floats:
    solid = splat.centres[splat.opacities >= SOLID]
    return solid if len(solid) else splat.centres


def bounds_of(placed: Placed) -> dict[str, list[float]]:
    points = placed.mesh.vertices if placed.mesh else solid_centres(placed.splat)
    return {
        "min": [finite(value) for value in points.min(axis=0)],
        "max": [finite(value) for value in points.max(axis=0)],
    }


def write_all(formats: Sequence[str], placed: Sequence[Placed], photo: Image.Image, stem: Path) -> list[dict[str, str]]:
    """One file a format, with all of `placed` in it, beside `stem`."""
    files = []
    for format in formats:
        path = stem.with_suffix(f".{format}")
        path.write_bytes(WRITERS[format](placed, photo))
        files.append({"format": format, "file": str(path)})
    return files


def _with_fewer(placed: Placed, triangles: int) -> Placed:
    mesh = placed.mesh and simplify(placed.mesh, triangles)
    return Placed(placed.name, placed.mask, placed.splat, mesh)


def _camera(camera: FittedCamera, object_to_camera: Floats) -> dict[str, Any]:
    return {
        "width": camera.width,
        "height": camera.height,
        **{name: finite(getattr(camera, name)) for name in ("fx", "fy", "cx", "cy")},
        "object_to_camera": [finite(value) for value in column_major(object_to_camera)],
    }
