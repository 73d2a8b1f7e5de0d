"""Splats and meshes as plain arrays, and what a similarity does to them. Column vectors: p' = scale * R p + t."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Splat:
    """N gaussians, all values activated (no logits, no logarithms)."""

    # [N, 3]
    centres: Floats
    # [N, 3], standard deviations along the gaussian's own axes
    scales: Floats
    # [N, 4], unit quaternions, wxyz
    rotations: Floats
    # [N], 0-1
    opacities: Floats
    # [N, 3], spherical harmonics of degree 0; sRGB = 0.5 + 0.28209479177387814 * value
    colours: Floats


@dataclass(frozen=True)
class Mesh:
    # [V, 3]
    vertices: Floats
    # [F, 3], counter-clockwise seen from outside
    faces: NDArray[np.uint32]
    # [V, 3], sRGB, 0-1
    colours: Floats


@dataclass(frozen=True)
class Similarity:
    """p' = scale * rotation @ p + translation; rotation is proper (no mirror)."""

    rotation: Floats
    scale: float
    translation: Floats

    def __post_init__(self) -> None:
        if not np.allclose(self.rotation @ self.rotation.T, np.eye(3), atol=1e-4):
            raise ValueError("not a rotation")
        if np.linalg.det(self.rotation) < 0:
            raise ValueError("a mirror is no rotation")
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"not a scale: {self.scale}")

    def apply(self, points: Floats) -> Floats:
        return self.scale * points @ self.rotation.T + self.translation

    def after(self, first: "Similarity") -> "Similarity":
        """The one that does `first`, then this."""
        return Similarity(
            self.rotation @ first.rotation,
            self.scale * first.scale,
            self.scale * self.rotation @ first.translation + self.translation,
        )

    def inverse(self) -> "Similarity":
        back = self.rotation.T
        return Similarity(back, 1 / self.scale, -(back @ self.translation) / self.scale)


def rotation_of(quaternion: Floats) -> Floats:
    """The matrix of a quaternion wxyz, for column vectors."""
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_of(rotation: Floats) -> Floats:
    """The quaternion wxyz of a rotation matrix, w >= 0 (Shepperd: from its largest part, so that nothing cancels)."""
    m = rotation
    squares = np.array(
        [
            1 + m[0, 0] + m[1, 1] + m[2, 2],
            1 + m[0, 0] - m[1, 1] - m[2, 2],
            1 - m[0, 0] + m[1, 1] - m[2, 2],
            1 - m[0, 0] - m[1, 1] + m[2, 2],
        ]
    )
    # Row i: the products of part i with all four parts, times 4.
    products = np.array(
        [
            [squares[0], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], squares[1], m[0, 1] + m[1, 0], m[0, 2] + m[2, 0]],
            [m[0, 2] - m[2, 0], m[0, 1] + m[1, 0], squares[2], m[1, 2] + m[2, 1]],
            [m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], squares[3]],
        ]
    )
    row = products[int(np.argmax(squares))]
    quaternion: Floats = row / np.linalg.norm(row)
    return -quaternion if quaternion[0] < 0 else quaternion


def multiply(left: Floats, right: Floats) -> Floats:
    """Hamilton's product of wxyz quaternions; `left` is one, `right` is [N, 4]."""
    w, x, y, z = left
    matrix = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    product: Floats = right @ matrix.T
    return product


def move_splat(splat: Splat, by: Similarity) -> Splat:
    return replace(
        splat,
        centres=by.apply(splat.centres),
        scales=by.scale * splat.scales,
        rotations=multiply(quaternion_of(by.rotation), splat.rotations),
    )


def move_mesh(mesh: Mesh, by: Similarity) -> Mesh:
    return replace(mesh, vertices=by.apply(mesh.vertices))


def join_splats(splats: list[Splat]) -> Splat:
    return Splat(
        *(
            np.concatenate([getattr(splat, name) for splat in splats])
            for name in ("centres", "scales", "rotations", "opacities", "colours")
        )
    )
