"""Convex primitives and where rays enter and leave them. Y is up; a primitive is `(kind, rotation, centre, size, extra)`.

box       half sizes
ellipsoid half sizes
cone      half sizes (x, y, z); extra = top radius over bottom radius, 0-1 ... 1 is a cylinder
"""
import numpy as np

BIG = 1e9


def rotation_y(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rotation_x(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rotation_z(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def along(direction):
    """A rotation that turns +y to the direction."""
    y = np.asarray(direction, float)
    y = y / np.linalg.norm(y)
    x = np.cross(y, [0.0, 0.0, 1.0] if abs(y[2]) < 0.9 else [1.0, 0.0, 0.0])
    x /= np.linalg.norm(x)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def intersect(primitive, origin, rays):
    """Entry and exit distances (n) and outward normals at the entry (n, 3) of n rays; entry > exit where missed."""
    kind, rotation, centre, size, extra = primitive
    o = (rotation.T @ (origin - centre)) / size
    d = (rays @ rotation) / size
    n = len(d)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "box":
            inv = 1.0 / np.where(np.abs(d) < 1e-12, 1e-12, d)
            a, b = (-1 - o) * inv, (1 - o) * inv
            low, high = np.minimum(a, b), np.maximum(a, b)
            t0, t1 = low.max(1), high.min(1)
            axis = low.argmax(1)
            normal = np.zeros((n, 3))
            normal[np.arange(n), axis] = -np.sign(d[np.arange(n), axis])
        elif kind == "ellipsoid":
            a, b, c = (d * d).sum(1), d @ o, o @ o - 1
            disc = b * b - a * c
            root = np.sqrt(np.maximum(disc, 0))
            t0 = np.where(disc > 0, (-b - root) / a, BIG)
            t1 = np.where(disc > 0, (-b + root) / a, -BIG)
            normal = o + t0[:, None] * d
        else:
            mean, slope = (1 + extra) / 2, (extra - 1) / 2
            ry, rd = mean + slope * o[1], slope * d[:, 1]
            a = d[:, 0] ** 2 + d[:, 2] ** 2 - rd * rd
            b = d[:, 0] * o[0] + d[:, 2] * o[2] - ry * rd
            c = o[0] ** 2 + o[2] ** 2 - ry * ry
            disc = b * b - a * c
            root = np.sqrt(np.maximum(disc, 0))
            a = np.where(np.abs(a) < 1e-12, 1e-12, a)
            r0, r1 = np.minimum((-b - root) / a, (-b + root) / a), np.maximum((-b - root) / a, (-b + root) / a)
            inv = 1.0 / np.where(np.abs(d[:, 1]) < 1e-12, 1e-12, d[:, 1])
            s0, s1 = np.minimum((-1 - o[1]) * inv, (1 - o[1]) * inv), np.maximum((-1 - o[1]) * inv, (1 - o[1]) * inv)
            # a > 0: inside between the roots; a < 0: inside before the first or after the second.
            inside = np.maximum(s0, r0), np.minimum(s1, r1)
            before, after = np.minimum(s1, r0), np.maximum(s0, r1)
            use_before = before > s0
            t0 = np.where(a > 0, inside[0], np.where(use_before, s0, after))
            t1 = np.where(a > 0, inside[1], np.where(use_before, before, s1))
            hit = (disc > 0) | (a < 0)
            t0, t1 = np.where(hit, t0, BIG), np.where(hit, t1, -BIG)
            p = o + t0[:, None] * d
            side = np.stack([p[:, 0], -slope * (mean + slope * p[:, 1]), p[:, 2]], 1)
            cap = np.stack([np.zeros(n), -np.sign(d[:, 1]), np.zeros(n)], 1)
            normal = np.where((np.abs(t0 - s0) < 1e-9)[:, None], cap, side)
    normal = (normal / size) @ rotation.T
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return t0, t1, normal
