"""The photo's camera, fitted to the point map that SAM 3D works with: it returns no intrinsics."""

from dataclasses import dataclass

import numpy as np

from gen3d_engine.sam3d.arrays import Floats

# Each axis has two unknowns; more points than these change nothing but the time.
MOST_POINTS = 50_000
LEAST_POINTS = 32
ROUNDS = 10
# Points farther off than so many times the median are edges, where depth jumps between pixels.
OUTLIER = 4.0


@dataclass(frozen=True)
class FittedCamera:
    """u = cx + fx * x / -z, v = cy - fy * y / -z in pixels of the photo, in glTF's camera frame."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    # Root mean square over both axes, pixels, outliers included.
    residual_pixels: float


def fit_camera(points: Floats, width: int, height: int) -> FittedCamera:
    """`points` [h, w, 3] in PyTorch3D's camera frame cover the photo of `width` x `height`; NaN where unknown."""
    rows, columns, _ = points.shape
    u = np.broadcast_to((np.arange(columns) + 0.5) * width / columns, (rows, columns))
    v = np.broadcast_to(((np.arange(rows) + 0.5) * height / rows)[:, None], (rows, columns))
    known = np.isfinite(points).all(axis=2) & (points[..., 2] > 1e-6)
    if int(known.sum()) < LEAST_POINTS:
        raise ValueError("the point map is empty")
    every = max(1, int(known.sum()) // MOST_POINTS)
    x, y, z = points[known][::every].T
    # x is left there, and right in the photo; y is up there, and down in the photo.
    fx, cx, off_u = _fit_line(-x / z, u[known][::every])
    fy, cy, off_v = _fit_line(-y / z, v[known][::every])
    if fx <= 0 or fy <= 0:
        raise ValueError("the point map is mirrored or flat")
    residual = float(np.sqrt(np.mean(off_u**2 + off_v**2)))
    return FittedCamera(width, height, fx, fy, cx, cy, residual)


def _fit_line(slopes: Floats, pixels: Floats) -> tuple[float, float, Floats]:
    """Slope, offset and what each point is off by: least squares, outliers left out after the first round."""
    kept = np.ones(len(slopes), dtype=bool)
    factor, offset, off = 0.0, 0.0, np.zeros(len(slopes))
    for _ in range(ROUNDS):
        chosen, aims = slopes[kept], pixels[kept]
        centred = chosen - chosen.mean()
        spread = float(centred @ centred)
        if spread <= 0:
            raise ValueError("the point map is flat")
        factor = float(centred @ (aims - aims.mean())) / spread
        offset = float(aims.mean() - factor * chosen.mean())
        off = factor * slopes + offset - pixels
        kept = np.abs(off) <= OUTLIER * max(float(np.median(np.abs(off))), 1e-9)
    return factor, offset, off
