"""One training example: a 64 x 64 crop of a drawn object with the depths at which rays enter and leave it."""
import numpy as np

from grammar import draw_object
from primitives import BIG, intersect, rotation_x, rotation_y

SIZE = 64
# The object's box fills the crop but for this margin on each side, as in the engine (reconstruct/prior-input.ts).
MARGIN = 2


def cast(parts, origin, rays, shaded=True):
    near, far = np.full(len(rays), BIG), np.full(len(rays), -BIG)
    normal, which = np.zeros((len(rays), 3)), np.zeros(len(rays), int)
    squared = (rays * rays).sum(1)
    for i, p in enumerate(parts):
        # Only the rays that pass through the part's ball.
        along = rays @ (p[2] - origin)
        away = (p[2] - origin) @ (p[2] - origin) - along * along / squared
        pick = np.flatnonzero(away <= p[3] @ p[3])
        if len(pick) == 0:
            continue
        t0, t1, n = intersect(p, origin, rays[pick])
        hit = t1 > np.maximum(t0, 1e-3)
        pick, t0, t1 = pick[hit], t0[hit], t1[hit]
        far[pick] = np.maximum(far[pick], t1)
        first = t0 < near[pick]
        pick, t0 = pick[first], t0[first]
        near[pick] = t0
        if shaded:
            normal[pick] = n[hit][first]
            which[pick] = i
    return near, far, normal, which


def corners(parts):
    out = []
    for _, r, c, s, _ in parts:
        for x in (-1, 1):
            for y in (-1, 1):
                for z in (-1, 1):
                    out.append(c + r @ (s * [x, y, z]))
    return np.array(out)


def grid(x0, y0, step, n):
    """Directions (z = -1) of the centres of n x n pixels, tangent units."""
    a = (np.arange(n) + 0.5) * step
    x, y = np.meshgrid(x0 + a, y0 - a)
    return np.stack([x.ravel(), y.ravel(), -np.ones(n * n)], 1)


def draw_example(g):
    """Returns image (SIZE, SIZE, 4: mask, rgb; uint8), depths (SIZE, SIZE, 2; float16), sine of the elevation; or None."""
    parts = draw_object(g)
    if g.random() < 0.5:
        stretch = np.exp(g.normal(0, 0.2))
        for p in parts:  # tall or low; exact for upright parts, close enough for the others
            p[2] = p[2] * [1, stretch, 1]
            p[3] = p[3] * np.linalg.norm(p[1] * np.array([1, stretch, 1])[:, None], axis=0)
    yaw = g.uniform(0.25, 1.05) * g.choice([-1, 1]) if g.random() < 0.7 else g.uniform(-np.pi, np.pi)
    elevation = np.deg2rad(g.uniform(0, 40))
    view = rotation_x(elevation) @ rotation_y(yaw)
    for p in parts:
        p[1], p[2] = view @ p[1], view @ p[2]
    box = corners(parts)
    low, high = box.min(0), box.max(0)
    diag = np.linalg.norm(high - low)
    distance = diag * np.exp(g.uniform(np.log(0.9), np.log(2.5)))
    shift = (low + high) / 2 + [0, 0, distance]
    for p in parts:
        p[2] = p[2] - shift
    box = corners(parts)
    if box[:, 2].max() > -0.05 * diag:
        return None
    flat = box[:, :2] / -box[:, 2:]
    x0, y0, x1, y1 = flat[:, 0].min(), flat[:, 1].min(), flat[:, 0].max(), flat[:, 1].max()
    n = 40
    step = max(x1 - x0, y1 - y0) / n
    origin = np.zeros(3)
    near, far, _, _ = cast(parts, origin, grid(x0, y1, step, n), False)
    seen = (far > near).reshape(n, n)
    if seen.sum() < 10:
        return None
    rows, columns = np.where(seen.any(1))[0], np.where(seen.any(0))[0]
    left, right = x0 + columns[0] * step, x0 + (columns[-1] + 1) * step
    top, bottom = y1 - rows[0] * step, y1 - (rows[-1] + 1) * step
    side = max(right - left, top - bottom)
    step = side / (SIZE - 2 * MARGIN)
    rays = grid((left + right - SIZE * step) / 2, (top + bottom + SIZE * step) / 2, step, SIZE)
    near, far, normal, which = cast(parts, origin, rays)
    mask = far > near
    if mask.sum() < 40:
        return None
    middle = (near[mask] + far[mask]).mean() / 2
    depths = np.zeros((SIZE * SIZE, 2))
    for k, t in enumerate((near, far)):
        depths[mask, k] = (middle - t[mask]) / (middle * side)
    colour = shade(g, parts, normal, which, rays)
    image = np.zeros((SIZE * SIZE, 4), np.uint8)
    image[mask, 0] = 255
    image[mask, 1:] = np.clip(colour[mask] * 255, 0, 255)
    return image.reshape(SIZE, SIZE, 4), depths.reshape(SIZE, SIZE, 2).astype(np.float16), np.float16(np.sin(elevation))


def shade(g, parts, normal, which, rays):
    palette = g.uniform(0.05, 1, (g.integers(1, 5), 3))
    if g.random() < 0.5:
        palette = palette.mean(1, keepdims=True) * 0.5 + palette * 0.5
    albedo = palette[g.integers(len(palette), size=len(parts))]
    albedo = np.clip(albedo * np.exp(g.normal(0, 0.1, (len(parts), 1))), 0, 1)[which]
    if g.random() < 0.35:  # patterns on the surface
        f = g.normal(0, 1, (3, 3)) * g.choice([3, 8, 20])
        wave = np.sin(rays @ f[0] * 3 + g.uniform(0, 6)) * np.sin(rays @ f[1] * 3 + g.uniform(0, 6))
        albedo = albedo * (1 + g.uniform(0.1, 0.6) * np.sign(wave)[:, None] * (0.5 if g.random() < 0.5 else np.abs(wave)[:, None]))
    light = g.normal(0, 1, 3) * [0.7, 0.3, 0.6] + [0, 0.9, 0.6]
    light /= np.linalg.norm(light)
    ambient = g.uniform(0.2, 0.7)
    sky = 0.15 * g.random() * normal[:, 1]
    lit = ambient + (1 - ambient) * np.maximum(normal @ light, 0) + sky
    noise = g.normal(0, g.choice([0.005, 0.03]), (len(rays), 1))
    return np.clip(albedo * lit[:, None] + noise, 0, 1) ** g.uniform(0.5, 1.1)


def draw_set(seed, count):
    g = np.random.default_rng(seed)
    images, depths, sines = [], [], []
    while len(images) < count:
        example = draw_example(g)
        if example is None:
            continue
        images.append(example[0])
        depths.append(example[1])
        sines.append(example[2])
    return np.stack(images), np.stack(depths), np.array(sines)
