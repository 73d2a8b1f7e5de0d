"""From the frames of SAM 3D Objects to the manifest's. Chapter 7 has the table."""

from dataclasses import dataclass

import numpy as np

from gen3d_engine.sam3d.arrays import Floats, Similarity, rotation_of

# PyTorch3D's camera (x left, y up, z forward) to glTF's (x right, y up, -z forward).
TO_GLTF_CAMERA = Similarity(np.diag([-1.0, 1.0, -1.0]), 1.0, np.zeros(3))
# Where the objects' own up contradicts the camera's so much, it is not believed.
LARGEST_TILT_DEGREES = 75.0
# Of the manifest: the largest object's largest extent.
ASSUMED_METRES = 1.0


@dataclass(frozen=True)
class Pose:
    """As SAM 3D returns it: p_camera = (scale * p_local) R(rotation) + translation, with row vectors."""

    # wxyz
    rotation: Floats
    translation: Floats
    scale: float


def to_camera(pose: Pose) -> Similarity:
    """Local frame to glTF's camera."""
    # p R for row vectors is R^T p for columns.
    local = Similarity(rotation_of(pose.rotation).T, pose.scale, pose.translation)
    return TO_GLTF_CAMERA.after(local)


def place_in_manifest(poses: list[Pose], points: list[Floats]) -> tuple[list[Similarity], Floats]:
    """Where each object goes in the manifest's frame, and object_to_camera (4 x 4, rigid, from that frame).

    `points` are each object's own, in its local frame: they decide the size, the ground and the middle.
    """
    cameras = [to_camera(pose) for pose in poses]
    sizes = [np.ptp(camera.apply(p), axis=0) for camera, p in zip(cameras, points, strict=True)]
    up = common_up([camera.rotation[:, 2] for camera in cameras], [float(s.max()) for s in sizes])
    turn = Similarity(level(up), 1.0, np.zeros(3))
    turned = [turn.after(camera) for camera in cameras]
    boxes = [_box(each, p) for each, p in zip(turned, points, strict=True)]
    largest = max(float((high - low).max()) for low, high in boxes)
    if not (np.isfinite(largest) and largest > 0):
        raise ValueError("the objects have no extent")
    low = np.min([box[0] for box in boxes], axis=0)
    high = np.max([box[1] for box in boxes], axis=0)
    foot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    scale = ASSUMED_METRES / largest
    stand = Similarity(np.eye(3), scale, -scale * foot)
    # Back again, but rigid: the camera's own unit is scaled along, which changes no picture.
    matrix = np.eye(4)
    matrix[:3, :3] = turn.rotation.T
    matrix[:3, 3] = turn.rotation.T @ (scale * foot)
    return [stand.after(each) for each in turned], matrix


def common_up(ups: list[Floats], weights: list[float]) -> Floats:
    """A unit vector in the camera's frame: the mean of the objects' own up axes, or the camera's own."""
    total = np.sum([up * weight for up, weight in zip(ups, weights, strict=True)], axis=0)
    length = float(np.linalg.norm(total))
    camera_up = np.array([0.0, 1.0, 0.0])
    if length <= 1e-6 * sum(weights):
        return camera_up
    mean: Floats = total / length
    return mean if mean[1] >= np.cos(np.radians(LARGEST_TILT_DEGREES)) else camera_up


def level(up: Floats) -> Floats:
    """The rotation that makes `up` the y axis and leaves the viewer on the side of +z."""
    behind = np.array([0.0, 0.0, 1.0])
    behind = behind - up * (behind @ up)
    behind /= np.linalg.norm(behind)
    return np.stack([np.cross(up, behind), up, behind])


def column_major(matrix: Floats) -> list[float]:
    return [float(value) for value in matrix.T.reshape(-1)]


def _box(by: Similarity, points: Floats) -> tuple[Floats, Floats]:
    moved = by.apply(points)
    return moved.min(axis=0), moved.max(axis=0)
