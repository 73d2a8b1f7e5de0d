"""Draws objects with their true surface, for `pnpm bench:shapes`: python held_out.py SEED COUNT FOLDER

One folder an object: photo.jpg, mask.png, points.bin, normals.bin (8,000 surface samples, float32 x y z, in the camera's
frame, the box's middle at 0, its diagonal 1) and meta.json. The kinds are those that the prior learned from, the seeds
others; needs numpy and Pillow.
"""
import json
import sys
from pathlib import Path

import numpy as np
from grammar import KINDS
from PIL import Image
from primitives import rotation_x, rotation_y
from render import cast, corners, grid, shade

SIZE = 512
SAMPLES = 8000
CATEGORY = {
    "single": "round", "lathe": "round", "furniture": "box", "cabinet": "box", "vehicle": "box", "creature": "round",
    "plant": "thin", "plate": "flat", "chain": "thin", "frame": "thin", "stack": "round", "cluster": "round",
}


def inside(part, points):
    kind, rotation, centre, size, extra = part
    q = (points - centre) @ rotation / size
    if kind == "box":
        return np.abs(q).max(1) < 1 - 1e-6
    if kind == "ellipsoid":
        return (q * q).sum(1) < 1 - 1e-6
    radius = (1 + extra) / 2 + (extra - 1) / 2 * q[:, 1]
    return (np.abs(q[:, 1]) < 1 - 1e-6) & (q[:, 0] ** 2 + q[:, 2] ** 2 < radius**2 - 1e-6)


def unit_surface(g, kind, extra, n):
    """Points, normals and area weights on the primitive of size 1."""
    if kind == "box":
        p, axis = g.uniform(-1, 1, (n, 3)), g.integers(3, size=n)
        sign = g.choice([-1.0, 1.0], n)
        normal = np.zeros((n, 3))
        p[np.arange(n), axis] = normal[np.arange(n), axis] = sign
        return p, normal, np.full(n, 24 / n)
    if kind == "ellipsoid":
        p = g.normal(0, 1, (n, 3))
        p /= np.linalg.norm(p, axis=1, keepdims=True)
        return p, p, np.full(n, 4 * np.pi / n)
    a, y, slope = g.uniform(0, 2 * np.pi, n), g.uniform(-1, 1, n), (extra - 1) / 2
    radius = (1 + extra) / 2 + slope * y
    p = np.stack([radius * np.cos(a), y, radius * np.sin(a)], 1)
    normal = np.stack([np.cos(a), np.full(n, -slope), np.sin(a)], 1) / np.sqrt(1 + slope**2)
    weight = radius * np.sqrt(1 + slope**2) * 4 * np.pi / n
    caps = []
    for end, r in ((-1.0, 1.0), (1.0, extra)):
        m = n // 2
        b, k = g.uniform(0, 2 * np.pi, m), r * np.sqrt(g.random(m))
        caps.append((np.stack([k * np.cos(b), np.full(m, end), k * np.sin(b)], 1), np.tile([0, end, 0], (m, 1)), np.full(m, np.pi * r * r / m)))
    return tuple(np.concatenate(x) for x in zip((p, normal, weight), *caps))


def surface(g, parts):
    points, normals, weights = [], [], []
    for i, part in enumerate(parts):
        kind, rotation, centre, size, extra = part
        p, n, w = unit_surface(g, kind, extra, 6000)
        turned = n / size
        # How much a patch of the unit primitive grows: the volume's growth times that of the normal.
        stretch = np.linalg.norm(turned, axis=1)
        p = (p * size) @ rotation.T + centre
        keep = np.ones(len(p), bool)
        for j, other in enumerate(parts):
            if j != i:
                keep &= ~inside(other, p)
        points.append(p[keep])
        normals.append(((turned / stretch[:, None]) @ rotation.T)[keep])
        weights.append((w * stretch * np.prod(size))[keep])
    points, normals, weights = np.concatenate(points), np.concatenate(normals), np.concatenate(weights)
    pick = g.choice(len(points), SAMPLES, p=weights / weights.sum())
    return points[pick], normals[pick]


def draw(g, kind):
    parts = kind(g)
    elevation = np.deg2rad(g.uniform(2, 33))
    view = rotation_x(elevation) @ rotation_y(g.uniform(0.38, 0.9) * g.choice([-1, 1]))
    for p in parts:
        p[1], p[2] = view @ p[1], view @ p[2]
    box = corners(parts)
    low, high = box.min(0), box.max(0)
    diagonal = np.linalg.norm(high - low)
    points, normals = surface(g, parts)
    fov = np.deg2rad(g.uniform(35, 50))
    distance = diagonal * 0.62 / np.tan(fov / 2)
    shift = (low + high) / 2 + [0, 0, distance]
    for p in parts:
        p[2] = p[2] - shift
    half = np.tan(fov / 2)
    rays = grid(-half, half, 2 * half / SIZE, SIZE)
    near, far, normal, which = cast(parts, np.zeros(3), rays)
    mask = far > near
    colour = shade(g, parts, normal, which, rays)
    colour[~mask] = g.uniform(0.2, 0.8, 3)
    return mask.reshape(SIZE, SIZE), colour.reshape(SIZE, SIZE, 3), (points - (low + high) / 2), normals, np.rad2deg(fov), elevation


def main(seed, count, folder):
    for i in range(count):
        g = np.random.default_rng([seed, i])
        kind = KINDS[i % len(KINDS)]
        mask, colour, points, normals, fov, elevation = draw(g, kind)
        extent = points.max(0) - points.min(0)
        points = (points - (points.max(0) + points.min(0)) / 2) / np.linalg.norm(extent)
        out = Path(folder) / f"{kind.__name__}-{i:03d}"
        out.mkdir(parents=True, exist_ok=True)
        Image.fromarray((np.clip(colour, 0, 1) * 255).astype(np.uint8)).save(out / "photo.jpg", quality=92)
        Image.fromarray(mask.astype(np.uint8) * 255).save(out / "mask.png")
        points.astype("<f4").tofile(out / "points.bin")
        normals.astype("<f4").tofile(out / "normals.bin")
        meta = {"id": out.name, "category": CATEGORY[kind.__name__], "fov_degrees": fov, "elevation": float(elevation)}
        (out / "meta.json").write_text(json.dumps(meta))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
