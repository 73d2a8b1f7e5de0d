"""A FAKE of the SAM 3D worker, for tests alone: it speaks the worker protocol and has no model.

The real engine around it runs; only the pipeline is a fake that answers a painted egg. It obeys the faults of
services/inference/conformance/suite.contract.ts, and `fault:oom-mesh`: no memory for a mesh.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from gen3d_engine.protocol import Call, Progress, serve
from gen3d_engine.sam3d.arrays import Mesh, Splat, quaternion_of
from gen3d_engine.sam3d.engine import Sam3dEngine
from gen3d_engine.sam3d.frames import Pose
from gen3d_engine.sam3d.pipeline import RawObject
from gen3d_engine.sam3d.presets import Preset

STEPS, STEP_SECONDS, SLOW_LOAD_SECONDS = 30, 0.1, 2.0
RINGS, SECTORS = 24, 32
POINTS = 512
DISTANCE = 4.0


class OutOfMemoryError(Exception):
    """Named as torch's."""


class FakePipeline:
    mesh_fits = True

    def __init__(self) -> None:
        self.models = {"sam3d": "fake, for tests alone"}

    def make(self, rgba: NDArray[np.uint8], seed: int, preset: Preset, *, with_mesh: bool) -> RawObject:
        if with_mesh and not self.mesh_fits:
            raise OutOfMemoryError("as told")
        height, width, _ = rgba.shape
        mesh = egg()
        count = len(mesh.vertices)
        splat = Splat(
            centres=mesh.vertices,
            scales=np.full((count, 3), 0.02),
            rotations=np.tile([1.0, 0, 0, 0], (count, 1)),
            opacities=np.full(count, 0.9),
            colours=(mesh.colours - 0.5) / 0.28209479177387814,
        )
        # Local Z up to the camera's y up: columns R, so rows R^T.
        upright = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
        pose = Pose(quaternion_of(upright.T), np.array([0, 0, DISTANCE]), 1.0)
        focal = 1.2 * max(width, height)
        # The middles of the cells of a grid over the photo; a point for each pixel of a huge one would fill the memory.
        columns, rows = min(width, POINTS), min(height, POINTS)
        u, v = np.meshgrid((np.arange(columns) + 0.5) * width / columns, (np.arange(rows) + 0.5) * height / rows)
        x, y = -(u - width / 2) * DISTANCE / focal, -(v - height / 2) * DISTANCE / focal
        return RawObject(splat, mesh if with_mesh else None, pose, np.dstack([x, y, np.full_like(x, DISTANCE)]))

    def free_memory(self) -> None: ...

    def measure(self) -> dict[str, float]:
        return {}


class FaultyEngine(Sam3dEngine):
    def __init__(self) -> None:
        self.pipeline = FakePipeline()
        super().__init__(self.pipeline)

    def run(self, call: Call, progress: Progress) -> dict[str, object]:
        fault = call.masks[0].name if call.masks else ""
        self.pipeline.mesh_fits = fault != "fault:oom-mesh"
        if fault == "fault:crash":
            progress("crash", 0)
            os.abort()
        if fault == "fault:killed":
            os.kill(os.getpid(), 9)
        if fault == "fault:die":
            # The server, and with it the container.
            os.kill(os.getppid(), 9)
            time.sleep(60)
        if fault == "fault:oom":
            raise OutOfMemoryError("as told")
        while fault == "fault:hang":
            time.sleep(60)
        for step in range(STEPS if fault == "fault:slow" else 0):
            progress("slow", step / STEPS)
            time.sleep(STEP_SECONDS)
        return super().run(call, progress)


def egg() -> Mesh:
    theta = np.linspace(0, np.pi, RINGS)
    phi = np.linspace(0, 2 * np.pi, SECTORS, endpoint=False)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    points = np.stack([0.35 * np.sin(t) * np.cos(p), 0.35 * np.sin(t) * np.sin(p), 0.5 * np.cos(t)], axis=-1)
    faces = []
    for ring in range(RINGS - 1):
        for sector in range(SECTORS):
            a, b = ring * SECTORS + sector, ring * SECTORS + (sector + 1) % SECTORS
            faces += [[a, a + SECTORS, b], [b, a + SECTORS, b + SECTORS]]
    vertices = points.reshape(-1, 3)
    return Mesh(vertices, np.array(faces, dtype=np.uint32), (vertices + 0.5).clip(0, 1))


def load() -> Sam3dEngine:
    if os.environ.get("FAULTY_LOAD") == "fail":
        raise RuntimeError("no such weights")
    if os.environ.get("FAULTY_LOAD") == "slow":
        time.sleep(SLOW_LOAD_SECONDS)
    return FaultyEngine()


if __name__ == "__main__":
    serve(load)
