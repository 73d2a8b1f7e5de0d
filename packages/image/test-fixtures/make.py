"""Makes the fixtures of this folder and expected.json: what other decoders (Pillow's libjpeg-turbo and libwebp, or the
arrays that the PNGs were written from) say their pixels are. Run once, with Pillow and numpy; the files are committed."""
import json
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
WIDTH, HEIGHT = 45, 29  # odd: blocks, passes and bytes are all cut at the edge
expected = {}


def picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rgb = np.dstack([x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), (x + y) * 3 % 256])
    rgb[(x - 15) ** 2 + (y - 14) ** 2 < 80] = (205, 40, 30)
    rgb[2:7, 13:18] = (250, 250, 250)
    return rgb.astype(np.uint8)


def expect(name, rgba, **more):
    pixels = np.ascontiguousarray(rgba, dtype=np.uint8)
    expected[name] = {"width": pixels.shape[1], "height": pixels.shape[0], "crc32": zlib.crc32(pixels.tobytes()), **more}


def save(name, image, expect_orientation=1, **options):
    image.save(HERE / name, **options)
    expect_decoded(name, expect_orientation)


def expect_decoded(name, expect_orientation=1):
    decoded = Image.open(HERE / name)
    if decoded.mode == "CMYK":
        light = 255 - np.array(decoded).astype(int)
        rgb = np.rint(light[..., :3] * light[..., 3:] / 255)
        rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255)])
    else:
        rgba = np.array(decoded.convert("RGBA"))
    if expect_orientation == 6:
        rgba = np.rot90(rgba, -1)
    expect(name, rgba)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack(samples, depth):
    """samples: rows x values; one filter byte (0) and the packed values a row."""
    out = b""
    for row in samples:
        bits = "".join(format(int(v), f"0{depth}b") for v in row)
        bits += "0" * (-len(bits) % 8)
        out += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(name, samples, depth, color_type, rgba, interlaced=False, extra=b""):
    height, width = samples.shape[:2]
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes]
    body = b"".join(pack(p.reshape(p.shape[0], -1), depth) for p in parts if p.size)
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    idat = zlib.compress(body, 9)
    half = len(idat) // 2
    data = chunk(b"IHDR", head) + extra + chunk(b"IDAT", idat[:half]) + chunk(b"IDAT", idat[half:]) + chunk(b"IEND", b"")
    (HERE / name).write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    expect(name, rgba)


def opaque(rgb):
    return np.dstack([rgb, np.full(rgb.shape[:2], 255)])


def make_pngs(rgb):
    ramp = np.linspace(0, 65535, WIDTH * HEIGHT).round().astype(int).reshape(HEIGHT, WIDTH)
    to8 = lambda v: (v * 2 + 257) // 514  # v / 257, to the nearest
    png("gray16.png", ramp, 16, 0, opaque(np.dstack([to8(ramp)] * 3)))
    for depth in (1, 2, 4):
        top = 2**depth - 1
        gray = ramp * top // 65535
        png(f"gray{depth}.png", gray, depth, 0, opaque(np.dstack([gray * 255 // top] * 3)))
    wide = rgb.astype(int) * 257 - (rgb > 0) * 100
    alpha = np.flipud(ramp)
    png("rgb16.png", wide, 16, 2, opaque(to8(wide)))
    png("rgba16.png", np.dstack([wide, alpha]), 16, 6, np.dstack([to8(wide), to8(alpha)]))
    gray_alpha = np.dstack([rgb[..., 0], rgb[..., 1]])
    png("gray-alpha.png", gray_alpha, 8, 4, np.dstack([rgb[..., 0]] * 3 + [rgb[..., 1]]))
    png("interlaced.png", rgb, 8, 2, opaque(rgb), interlaced=True)
    tiny = rgb[:2, :3]
    png("interlaced-3x2.png", tiny, 8, 2, opaque(tiny), interlaced=True)
    key = struct.pack(">HHH", 205, 40, 30)
    seen = np.where((rgb == (205, 40, 30)).all(-1), 0, 255)
    png("rgb-key.png", rgb, 8, 2, np.dstack([rgb, seen]), extra=chunk(b"tRNS", key))
    for depth in (1, 2, 4, 8):
        colors = np.array([[(i * 83) % 256, (i * 41) % 256, (i * 197) % 256] for i in range(2**depth)])
        index = ramp * (2**depth - 1) // 65535
        see = np.array([0, 128] + [255] * (2**depth - 2))
        extra = chunk(b"PLTE", colors.astype(np.uint8).tobytes()) + chunk(b"tRNS", bytes([0, 128]))
        png(f"palette{depth}.png", index, depth, 3, np.dstack([colors[index], see[index]]), extra=extra)


def main():
    rgb = picture()
    image = Image.fromarray(rgb)
    exif = Image.Exif()
    exif[0x0112] = 6
    save("baseline-420.jpg", image, quality=85)
    save("baseline-444-restarts.jpg", image, quality=85, subsampling=0, restart_marker_blocks=2)
    save("progressive.jpg", image, quality=85, progressive=True)
    save("gray.jpg", image.convert("L"), quality=85)
    save("cmyk.jpg", image.convert("CMYK"), quality=85)
    # The same numbers said to be YCCK: Adobe's segment ends with 0 for CMYK, 2 for YCCK.
    cmyk = (HERE / "cmyk.jpg").read_bytes()
    transform = cmyk.index(b"Adobe") + 11
    (HERE / "ycck.jpg").write_bytes(cmyk[:transform] + b"\2" + cmyk[transform + 1 :])
    expect_decoded("ycck.jpg")
    save("exif-6.jpg", image, expect_orientation=6, quality=85, exif=exif)
    seen = image.copy()
    seen.putalpha(Image.fromarray(rgb[..., 1]))
    save("lossy.webp", image, quality=80)
    save("lossless-alpha.webp", seen, lossless=True, exact=True)
    save("lossy-alpha.webp", seen, quality=80)
    save("exif-6.webp", image, expect_orientation=6, quality=80, exif=exif)
    make_pngs(rgb)
    frames = [image, image.transpose(Image.Transpose.ROTATE_180)]
    for name in ("animated.gif", "animated.webp", "animated.png"):
        frames[0].save(HERE / name, save_all=True, append_images=frames[1:], duration=100)
    (HERE / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


main()
