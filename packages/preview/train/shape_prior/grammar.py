"""Everyday kinds of things as unions of convex primitives, drawn at random. Y up, standing on about y = 0."""
import numpy as np

from primitives import along, rotation_x, rotation_y, rotation_z

EYE = np.eye(3)


def box(c, s, r=EYE):
    return ["box", r, np.array(c, float), np.maximum(np.array(s, float), 1e-3), 1.0]


def ball(c, s, r=EYE):
    return ["ellipsoid", r, np.array(c, float), np.maximum(np.array(s, float), 1e-3), 1.0]


def cone(c, s, taper=1.0, r=EYE):
    """Cylinder or frustum along local y; `taper` = top over bottom radius, turned over when above 1."""
    s = np.maximum(np.array(s, float), 1e-3)
    if taper > 1:
        return ["cone", r @ rotation_x(np.pi), np.array(c, float), s * [taper, 1, taper], 1 / taper]
    return ["cone", r, np.array(c, float), s, max(taper, 0.02)]


def rod(a, b, radius, taper=1.0):
    a, b = np.array(a, float), np.array(b, float)
    length = np.linalg.norm(b - a)
    return cone((a + b) / 2, [radius, max(length / 2, 1e-3), radius], taper, along(b - a + 1e-6))


def single(g):
    s = np.exp(g.normal(0, 0.5, 3))
    kind = g.integers(4)
    if kind == 0:
        return [box([0, s[1], 0], s)]
    if kind == 1:
        return [ball([0, s[1], 0], s)]
    return [cone([0, s[1], 0], [s[0], s[1], s[0] if g.random() < 0.7 else s[2]], g.uniform(0.1, 2))]


def lathe(g):
    """Vases, bottles, cups, lamps, cakes."""
    n = g.integers(2, 8)
    heights = np.exp(g.normal(0, 0.6, n))
    heights *= g.uniform(0.6, 4) / heights.sum()
    radii = np.clip(np.exp(np.cumsum(g.normal(0, 0.45, n + 1))), 0.08, 2.5)
    if g.random() < 0.3:
        radii[0] = radii.max() * g.uniform(0.7, 1)
    radii /= radii.max()
    out, y = [], 0.0
    for i in range(n):
        out.append(cone([0, y + heights[i] / 2, 0], [radii[i], heights[i] / 2, radii[i]], radii[i + 1] / radii[i]))
        y += heights[i]
    if g.random() < 0.35:
        out.append(ball([0, y, 0], [radii[-1], g.uniform(0.1, 1) * radii[-1], radii[-1]]))
    if g.random() < 0.35:  # a handle
        a = g.uniform(0, 2 * np.pi)
        r, h = g.uniform(0.15, 0.5) * y, g.uniform(0.4, 0.7) * y
        t = np.linspace(-1.5, 1.5, 7)
        p = np.stack([np.cos(a) * (0.8 + np.cos(t) * r), h + np.sin(t) * r, np.sin(a) * (0.8 + np.cos(t) * r)], 1)
        out += [rod(p[i], p[i + 1], 0.08) for i in range(6)]
    if g.random() < 0.2:  # a spout
        a = g.uniform(0, 2 * np.pi)
        d = np.array([np.cos(a), 0, np.sin(a)])
        out.append(rod(d * 0.6 + [0, 0.4 * y, 0], d * g.uniform(1.2, 1.8) + [0, g.uniform(0.5, 1) * y, 0], 0.2, 0.5))
    return out


def furniture(g):
    """Tables, chairs, benches, beds, sofas."""
    w, d, h = g.uniform(0.5, 2), g.uniform(0.5, 1.6), g.uniform(0.15, 1.3)
    slab = g.uniform(0.04, 0.35)
    round_top = g.random() < 0.15
    out = [cone([0, h + slab / 2, 0], [w, slab / 2, d]) if round_top else box([0, h + slab / 2, 0], [w, slab / 2, d])]
    r = g.uniform(0.03, 0.14)
    if g.random() < 0.12:
        out += [rod([0, 0, 0], [0, h, 0], r * 1.5), cone([0, 0.03, 0], [w * 0.5, 0.03, d * 0.5])]
    elif g.random() < 0.8:
        spread = g.uniform(0, 0.15)
        for x in (-1, 1):
            for z in (-1, 1):
                foot = [x * (w - r + spread), 0, z * (d - r + spread)]
                top = [x * (w - r), h, z * (d - r)]
                out.append(rod(foot, top, r) if spread or round_top else box([foot[0], h / 2, foot[2]], [r, h / 2, r]))
    else:
        out.append(box([0, h / 2, 0], [w * 0.98, h / 2, d * 0.98]))
    if g.random() < 0.65:  # a back
        b, t = g.uniform(0.3, 1.6), g.uniform(0.04, 0.3)
        tilt = g.uniform(0, 0.25)
        out.append(box([0, h + slab + b / 2, -d + t / 2 - np.sin(tilt) * b / 2], [w, b / 2, t / 2], rotation_x(-tilt)))
        if g.random() < 0.5:  # arms
            a, q = g.uniform(0.15, 0.6), g.uniform(0.04, 0.3)
            for x in (-1, 1):
                out.append(box([x * (w - q / 2), h + slab + a / 2, 0], [q / 2, a / 2, d]))
    if g.random() < 0.3:  # cushions, a blanket
        for x in np.linspace(-0.5, 0.5, g.integers(1, 4)) * w:
            out.append(ball([x, h + slab + 0.08, g.uniform(-0.4, 0.4) * d], [w * 0.3, 0.15, d * 0.4]))
    return out


def cabinet(g):
    """Shelves, refrigerators, boxes, devices, houses."""
    w, h, d = np.exp(g.normal(0, 0.45, 3))
    out = [box([0, h, 0], [w, h, d])]
    for _ in range(g.integers(0, 4)):
        x, y = g.uniform(-0.6, 0.6) * w, g.uniform(0.3, 1.7) * h
        out.append(box([x, y, d], [g.uniform(0.05, 0.4) * w, g.uniform(0.05, 0.3) * h, g.uniform(0.01, 0.1) * d]))
    if g.random() < 0.25:
        out.append(box([0, 2 * h + 0.05, 0], [w * g.uniform(0.8, 1.2), 0.05, d * g.uniform(0.8, 1.2)]))
    if g.random() < 0.15:  # a roof: a box on its edge, its lower half in the house
        out.append(box([0, 2 * h, 0], [w * 0.72, w * 0.72, d * 1.05], rotation_z(np.pi / 4)))
    if g.random() < 0.25:
        for x in (-0.85, 0.85):
            for z in (-0.85, 0.85):
                out.append(box([x * w, -0.1, z * d], [0.06, 0.12, 0.06]))
    if g.random() < 0.15:
        out.append(rod([g.uniform(-0.5, 0.5) * w, 2 * h, 0], [g.uniform(-0.8, 0.8) * w, 2 * h + g.uniform(0.3, 1), 0], 0.03))
    return out


def vehicle(g):
    length, width, h, wheel = g.uniform(1.2, 2.6), g.uniform(0.6, 1.0), g.uniform(0.2, 0.6), g.uniform(0.18, 0.45)
    y = wheel * g.uniform(0.6, 1.3)
    out = [box([0, y + h / 2, 0], [length, h / 2, width])]
    c = g.uniform(0.2, 0.9)
    x, l = g.uniform(-0.5, 0.5) * length, g.uniform(0.25, 0.8) * length
    if g.random() < 0.5:
        out.append(box([x, y + h + c / 2, 0], [l, c / 2, width * g.uniform(0.7, 1)]))
    else:
        out.append(cone([x, y + h + c / 2, 0], [l * 1.2, c / 2, width * 1.2], g.uniform(0.5, 0.9)))
    if g.random() < 0.4:
        out.append(box([-x, y + h + 0.1, 0], [l * 0.7, g.uniform(0.1, 0.7), width * 0.95]))
    flat = along([0, 0, 1.0])
    for i in np.linspace(-0.65, 0.65, g.choice([2, 2, 2, 3])) * length:
        for z in (-1, 1):
            out.append(cone([i, wheel, z * width * 0.95], [wheel, g.uniform(0.06, 0.2), wheel], 1, flat))
    turn = rotation_y(np.pi / 2) if g.random() < 0.5 else EYE
    return transform(out, turn)


def creature(g):
    """Four legs, a trunk, a head; or upright with arms."""
    out = []
    if g.random() < 0.6:
        l, r, leg = g.uniform(0.6, 1.5), g.uniform(0.25, 0.6), g.uniform(0.2, 1.4)
        y = leg + r * 0.7
        out += [ball([0, y, 0], [l, r, r * g.uniform(0.7, 1.1)])]
        if g.random() < 0.5:
            out += [ball([l * 0.5, y, 0], [r * 1.1] * 3), ball([-l * 0.5, y, 0], [r * 1.1] * 3)]
        t = g.uniform(0.07, 0.2)
        for x in (-0.65, 0.65):
            for z in (-1, 1):
                out.append(rod([x * l + g.uniform(-0.15, 0.15), 0, z * r * 0.6], [x * l, y, z * r * 0.5], t, g.uniform(1, 2)))
        head = np.array([l + g.uniform(0, 0.5), y + g.uniform(-0.1, 1.2), 0])
        q = g.uniform(0.15, 0.5)
        out += [rod([l * 0.8, y, 0], head, q * 0.6), ball(head, [q * g.uniform(1, 1.8), q, q * 0.8])]
        for z in (-1, 1):
            out.append(ball(head + [-0.3 * q, q, z * q * 0.5], [0.12, g.uniform(0.1, 0.5), 0.1]))
        if g.random() < 0.7:
            out.append(rod([-l * 0.9, y, 0], [-l - g.uniform(0.1, 0.6), y + g.uniform(-0.8, 0.7), 0], 0.07))
    else:
        h, r = g.uniform(0.5, 1.2), g.uniform(0.2, 0.5)
        y = g.uniform(0.3, 1.2)
        out += [ball([0, y + h / 2, 0], [r * 1.2, h * 0.65, r]), ball([0, y + h + r, 0], [r * g.uniform(0.5, 1.1)] * 3)]
        for z in (-1, 1):
            out.append(rod([g.uniform(-0.3, 0.3), 0, z * r * 0.7], [0, y + 0.1, z * r * 0.5], r * 0.4, 1.2))
            arm = [g.uniform(-0.3, 0.6), y + h * g.uniform(0, 1.4), z * (r + g.uniform(0.1, 0.9))]
            out.append(rod([0, y + h * 0.9, z * r], arm, r * 0.3))
    return transform(out, rotation_y(g.choice([0, np.pi / 2, np.pi, -np.pi / 2])))


def plant(g):
    h, r = g.uniform(0.6, 2.2), g.uniform(0.05, 0.35)
    lean = g.normal(0, 0.15, 2) * h
    top = np.array([lean[0], h, lean[1]])
    out = [rod([0, 0, 0], top, r, g.uniform(0.5, 1))]
    kind = g.random()
    if kind < 0.4:
        for _ in range(g.integers(1, 6)):
            out.append(ball(top + g.normal(0, 0.4, 3), g.uniform(0.3, 0.9, 3)))
    elif kind < 0.6:
        for i in range(g.integers(1, 5)):
            out.append(cone([0, h * 0.4 + i * 0.45, 0], [0.9 - 0.15 * i, 0.4, 0.9 - 0.15 * i], 0.05))
    elif kind < 0.8:
        for a in np.linspace(0, 2 * np.pi, g.integers(4, 9), endpoint=False):
            d = np.array([np.cos(a), g.uniform(-0.6, 0.3), np.sin(a)])
            out.append(ball(top + d * 0.45, [0.12, 0.6, 0.04 + 0.1 * g.random()], along(d)))
    else:
        for _ in range(g.integers(1, 4)):
            a, y = g.uniform(0, 2 * np.pi), g.uniform(0.3, 0.7) * h
            p = np.array([np.cos(a), 0, np.sin(a)]) * (r + 0.35) + [0, y, 0]
            out += [rod([0, y, 0], p, r * 0.7), rod(p, p + [0, g.uniform(0.2, 0.7), 0], r * 0.7)]
        out.append(ball(top, [r] * 3))
    if g.random() < 0.4:
        out.append(cone([0, 0.1, 0], [0.5, g.uniform(0.1, 0.4), 0.5], 1.3))
    return out


def plate(g):
    """Thin things that lie, stand or lean: screens, frames, tablets, plates, books, keyboards."""
    w, h, t = g.uniform(0.5, 1.5), g.uniform(0.4, 1.2), g.uniform(0.02, 0.12)
    body = [cone([0, 0, 0], [w, t, h])] if g.random() < 0.3 else [box([0, 0, 0], [w, t, h])]
    for _ in range(g.integers(0, 6)):
        s = [g.uniform(0.05, 0.4) * w, t * g.uniform(0.3, 1.5), g.uniform(0.05, 0.4) * h]
        c = [g.uniform(-0.6, 0.6) * w, t, g.uniform(-0.6, 0.6) * h]
        body.append(box(c, s) if g.random() < 0.6 else ball(c, s))
    kind = g.random()
    if kind < 0.45:
        return transform(body, rotation_y(g.choice([0, np.pi / 2])))
    tilt = 0 if kind < 0.75 else g.uniform(-0.5, 0.5)
    out = transform(body, rotation_x(np.pi / 2 + tilt))
    lift = g.uniform(0, 0.35)
    for p in out:
        p[2][1] += h + lift
    if lift > 0.1:
        out += [box([0, lift / 2, 0], [0.12, lift / 2 + 0.1, 0.05]), box([0, 0.02, 0], [w * 0.5, 0.03, 0.3])]
    elif g.random() < 0.4:
        out.append(box([0, h * 0.5, -0.3], [0.06, h * 0.6, 0.02], rotation_x(0.4)))
    return transform(out, rotation_y(g.choice([0, np.pi / 2, np.pi])))


def chain(g):
    """Bent and straight long things: bananas, tools, rings, headphones, hoses."""
    n = g.integers(4, 11)
    arc = g.choice([g.uniform(-0.5, 0.5), g.uniform(0.5, 3), 2 * np.pi], p=[0.4, 0.4, 0.2])
    a = np.linspace(-arc / 2, arc / 2, n + 1)
    r = 2.0 / max(abs(arc), 0.05)
    p = np.stack([np.sin(a) * r, (np.cos(a) - 1) * r, np.zeros(n + 1)], 1)
    thick = g.uniform(0.05, 0.4) * (np.ones(n + 1) if g.random() < 0.4 else 0.35 + np.sin(np.linspace(0.2, 2.9, n + 1)))
    out = []
    for i in range(n):
        out.append(rod(p[i], p[i + 1], thick[i], thick[i + 1] / thick[i]))
        if g.random() < 0.9:
            out.append(ball(p[i + 1], [thick[i + 1]] * 3))
    for end in (0, n):
        if g.random() < 0.4:
            s = thick[end] * g.uniform(1.2, 4)
            out.append(ball(p[end], [s, s, s * g.uniform(0.3, 1)]) if g.random() < 0.5 else box(p[end], [s, s * 0.6, s]))
    pose = g.random()
    if pose < 0.5:
        out = transform(out, rotation_x(np.pi / 2))
    elif pose < 0.65:
        out = transform(out, rotation_z(g.uniform(0, np.pi)))
    return transform(out, rotation_y(g.choice([0, np.pi / 2])))


def frame(g):
    """Racks, bicycles, treadmills, ladders, scaffolds: rods between corners, and some panels or wheels."""
    p = g.uniform(-1, 1, (g.integers(4, 8), 3)) * [1, 0.7, 0.4] + [0, 0.8, 0]
    if g.random() < 0.6:
        p = np.concatenate([p, p * [1, 1, -1]])
    r = g.uniform(0.02, 0.08)
    out = []
    for i in range(len(p)):
        j = g.integers(len(p))
        if i != j:
            out.append(rod(p[i], p[j], r))
        if g.random() < 0.4:
            out.append(rod(p[i], p[i] * [1, 0, 1] + [0, 0.01, 0], r))
    if g.random() < 0.4:
        for x in (-0.9, 0.9):
            out.append(cone([x, 0.5, 0], [0.5, 0.05, 0.5], 1, along([0, 0, 1.0])))
    if g.random() < 0.5:
        out.append(box([0, g.uniform(0.05, 1), 0], [g.uniform(0.5, 1.1), 0.06, g.uniform(0.2, 0.5)]))
    return transform(out, rotation_y(g.choice([0, np.pi / 2, np.pi])))


def stack(g):
    """Stacked or lined up parts: books, burgers, barbells, crates, cakes."""
    out, at = [], 0.0
    upright = g.random() < 0.5
    w, d = g.uniform(0.4, 1.2, 2)
    kind = g.integers(3)
    same = g.random() < 0.6
    for _ in range(g.integers(2, 7)):
        t = g.uniform(0.06, 0.4)
        k = g.uniform(0.75, 1.1)
        s = [w * k, t, d * k]
        c = [0, at + t, 0]
        which = kind if same else g.integers(3)
        if which == 0:
            out.append(box(c, s, rotation_y(g.normal(0, 0.1))))
        elif which == 1:
            out.append(cone(c, [s[0], t, s[0]], g.uniform(0.8, 1.25)))
        else:
            out.append(ball(c, [s[0], t * 1.4, s[0]]))
        at += 2 * t * g.uniform(0.85, 1)
    return out if upright else transform(out, rotation_z(np.pi / 2))


def cluster(g):
    """Anything: parts grown onto one another, often mirrored."""
    out = [part(g, np.zeros(3), g.uniform(0.4, 1.2, 3))]
    mirrored = g.random() < 0.65
    for _ in range(g.integers(1, 7)):
        host = out[g.integers(len(out))]
        p = host[2] + host[1] @ (host[3] * g.uniform(-1, 1, 3))
        s = g.uniform(0.1, 0.7, 3)
        out.append(part(g, p, s))
        if mirrored:
            q = [*out[-1]]
            q[2] = q[2] * [1, 1, -1]
            m = np.diag([1, 1, -1.0])
            q[1] = m @ q[1] @ m
            out.append(q)
    return transform(out, rotation_y(g.choice([0, np.pi / 2])))


def part(g, c, s):
    r = EYE if g.random() < 0.6 else rotation_z(g.uniform(0, np.pi)) @ rotation_x(g.uniform(0, np.pi))
    k = g.integers(3)
    return box(c, s, r) if k == 0 else ball(c, s, r) if k == 1 else cone(c, s, g.uniform(0.2, 1.5), r)


def transform(parts, r):
    for p in parts:
        p[1] = r @ p[1]
        p[2] = r @ p[2]
    return parts


KINDS = [single, lathe, furniture, cabinet, vehicle, creature, plant, plate, chain, frame, stack, cluster]
WEIGHTS = np.array([0.06, 0.13, 0.14, 0.1, 0.08, 0.11, 0.06, 0.09, 0.06, 0.05, 0.06, 0.06])


def draw_object(g):
    parts = KINDS[g.choice(len(KINDS), p=WEIGHTS / WEIGHTS.sum())](g)
    if g.random() < 0.06:  # lying on its side
        parts = transform(parts, rotation_z(np.pi / 2) if g.random() < 0.5 else rotation_x(np.pi / 2))
    return parts
