"""What the engine asks of SAM 3D Objects, in plain arrays: one call an object."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gen3d_engine.sam3d.arrays import Floats, Mesh, Splat
from gen3d_engine.sam3d.frames import Pose
from gen3d_engine.sam3d.presets import Preset


@dataclass(frozen=True)
class RawObject:
    """In the local frame, Z up."""

    splat: Splat
    # None where only gaussians were asked for.
    mesh: Mesh | None
    pose: Pose
    # [h, w, 3], PyTorch3D's camera frame, NaN where unknown
    point_map: Floats


class Pipeline(Protocol):
    models: dict[str, str]

    def make(self, rgba: NDArray[np.uint8], seed: int, preset: Preset, *, with_mesh: bool) -> RawObject:
        """`rgba` is the photo with the mask as its alpha. May raise an OutOfMemoryError."""
        ...

    def free_memory(self) -> None:
        """Gives back what the last, failed call held."""
        ...

    def measure(self) -> dict[str, float]:
        """What was measured since the last question: peak_gpu_bytes."""
        ...
