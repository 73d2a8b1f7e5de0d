"""Splats and meshes of the manifest's frame as files, each in the frame that its readers expect."""

import io
import json
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gen3d_engine.contract import CONTRACT, FORMATS
from gen3d_engine.images import Mask, box_of
from gen3d_engine.sam3d.arrays import Floats, Mesh, Similarity, Splat, move_mesh, move_splat

# Little-endian float32, 68 bytes a gaussian, in this order: the 3DGS layout.
PLY_FIELDS = [
    "x",
    "y",
    "z",
    "nx",
    "ny",
    "nz",
    "f_dc_0",
    "f_dc_1",
    "f_dc_2",
    "opacity",
    "scale_0",
    "scale_1",
    "scale_2",
    "rot_0",
    "rot_1",
    "rot_2",
    "rot_3",
]
LEAST_OPACITY = 1e-6
LEAST_SCALE = 1e-8
POSTER_SIDE = 512
POSTER_FILL = 0.94
MILLIMETRES = 1000.0


def to_file_frame(format: str) -> Similarity:
    """From the manifest's frame to the frame that `format` stands in."""
    matrix = np.array(CONTRACT["frames"][FORMATS[format]["frame"]]["toManifest"]).reshape(4, 4).T
    return Similarity(matrix[:3, :3], 1.0, matrix[:3, 3]).inverse()


def write_ply(splat: Splat) -> bytes:
    there = move_splat(splat, to_file_frame("ply"))
    count = len(there.centres)
    opacities = np.clip(there.opacities, LEAST_OPACITY, 1 - LEAST_OPACITY)
    logits = np.log(opacities / (1 - opacities))
    table = np.concatenate(
        [
            there.centres,
            np.zeros((count, 3)),
            there.colours,
            logits[:, None],
            np.log(np.maximum(there.scales, LEAST_SCALE)),
            there.rotations,
        ],
        axis=1,
    ).astype("<f4")
    fields = "".join(f"property float {name}\n" for name in PLY_FIELDS)
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{fields}end_header\n"
    return head.encode() + bytes(table.tobytes())


def write_glb(parts: Sequence[tuple[str, Mesh]]) -> bytes:
    """One node a part. Colours stand at the vertices, linear as glTF asks; nothing shines."""
    binary = bytearray()
    views: list[dict[str, int]] = []
    accessors: list[dict[str, object]] = []

    def add(values: NDArray[np.generic], kind: int, type: str, target: int, **more: object) -> int:
        data = values.tobytes()
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data), "target": target})
        binary.extend(data + bytes(-len(data) % 4))
        count = len(values) if type != "SCALAR" else values.size
        accessors.append({"bufferView": len(views) - 1, "componentType": kind, "count": count, "type": type, **more})
        return len(accessors) - 1

    meshes = []
    for _, mesh in parts:
        there = move_mesh(mesh, to_file_frame("glb"))
        positions = there.vertices.astype("<f4")
        box = {"min": positions.min(axis=0).tolist(), "max": positions.max(axis=0).tolist()}
        attributes = {
            "POSITION": add(positions, 5126, "VEC3", 34962, **box),
            "NORMAL": add(normals_of(there).astype("<f4"), 5126, "VEC3", 34962),
            "COLOR_0": add(_linear(there.colours), 5123, "VEC4", 34962, normalized=True),
        }
        indices = add(there.faces.astype("<u4").reshape(-1), 5125, "SCALAR", 34963)
        meshes.append({"primitives": [{"attributes": attributes, "indices": indices, "material": 0}]})
    document = {
        "asset": {"version": "2.0", "generator": "gen3d"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(parts)))}],
        "nodes": [{"name": name, "mesh": i} for i, (name, _) in enumerate(parts)],
        "meshes": meshes,
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 1}}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(binary), b"BIN\0") + bytes(binary)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def write_stl(meshes: Sequence[Mesh]) -> bytes:
    """Binary: 80 bytes, a count, then 50 bytes a triangle."""
    there = [move_mesh(mesh, to_file_frame("stl")) for mesh in meshes]
    corners = np.concatenate([MILLIMETRES * mesh.vertices[mesh.faces] for mesh in there])
    table = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("rest", "<u2")])
    table["normal"] = _unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    table["corners"] = corners
    return b"gen3d".ljust(80, b" ") + struct.pack("<I", len(corners)) + table.tobytes()


def write_poster(photo: Image.Image, mask: Mask) -> bytes:
    """The object as the photo shows it, on a clear background, in the middle of a square."""
    box = box_of(mask)
    cut = photo.convert("RGBA")
    cut.putalpha(Image.fromarray(mask.astype(np.uint8) * 255))
    cut = cut.crop(box)
    factor = POSTER_FILL * POSTER_SIDE / max(cut.size)
    size = (max(1, round(cut.width * factor)), max(1, round(cut.height * factor)))
    cut = cut.resize(size, Image.Resampling.LANCZOS)
    poster = Image.new("RGBA", (POSTER_SIDE, POSTER_SIDE))
    poster.paste(cut, ((POSTER_SIDE - cut.width) // 2, (POSTER_SIDE - cut.height) // 2))
    out = io.BytesIO()
    poster.save(out, "PNG")
    return out.getvalue()


def normals_of(mesh: Mesh) -> Floats:
    """Unit normals at the vertices, weighted by area."""
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    sums = np.zeros_like(mesh.vertices)
    for corner in range(3):
        np.add.at(sums, mesh.faces[:, corner], faces)
    return _unit(sums)


def _unit(vectors: Floats) -> Floats:
    """What has no direction points up: readers refuse a normal of length 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > 1e-12, vectors / np.maximum(lengths, 1e-12), np.array([0.0, 1.0, 0.0]))


def _linear(colours: Floats) -> NDArray[np.uint16]:
    """sRGB 0-1 to linear RGBA of 16 bits."""
    bounded = np.clip(colours, 0, 1)
    linear = np.where(bounded <= 0.04045, bounded / 12.92, ((bounded + 0.055) / 1.055) ** 2.4)
    rgba = np.ones((len(colours), 4))
    rgba[:, :3] = linear
    rounded: NDArray[np.uint16] = np.round(rgba * 65535).astype(np.uint16)
    return rounded
