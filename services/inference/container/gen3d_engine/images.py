"""Photos and masks as arrays, in pixels of the EXIF-turned photo."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from gen3d_engine.contract import CONTRACT, JobFailed

# Below so many pixels on a side of its box there is nothing to make a shape of.
LEAST_SIDE = 8
# What an upload may have, and no more: a small file can claim a huge picture.
Image.MAX_IMAGE_PIXELS = int(CONTRACT["max_pixels"])

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def read_photo(data: bytes) -> Image.Image:
    """An RGB picture, turned as its EXIF says. JobFailed `image_unreadable`."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > CONTRACT["max_pixels"] or max(image.size) > CONTRACT["max_side"]:
                raise JobFailed("image_unreadable", f"{image.width} x {image.height} pixels are too many")
            return ImageOps.exif_transpose(image).convert("RGB")
    except JobFailed:
        raise
    # Pillow raises whatever a broken file brings its decoders to.
    except Exception as error:
        raise JobFailed("image_unreadable", f"{type(error).__name__}: {error}") from error


def read_mask(data: bytes, size: tuple[int, int]) -> Mask:
    """True inside the object; `size` is (width, height) of the photo. JobFailed by name."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            grey = np.asarray(image.convert("L"))
    except Exception as error:
        raise JobFailed("engine_failed", f"a mask could not be read: {error}") from error
    if (grey.shape[1], grey.shape[0]) != size:
        raise JobFailed("engine_failed", "a mask has another size than the photo")
    mask: Mask = grey > 127
    if not mask.any():
        raise JobFailed("empty_mask")
    x0, y0, x1, y1 = box_of(mask)
    if min(x1 - x0, y1 - y0) < LEAST_SIDE:
        raise JobFailed("object_too_small")
    return mask


def write_mask(mask: Mask) -> bytes:
    """An 8-bit grey PNG, 255 inside."""
    out = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).save(out, "PNG")
    return out.getvalue()


def box_of(mask: Mask) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 in pixels, the ends exclusive."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
