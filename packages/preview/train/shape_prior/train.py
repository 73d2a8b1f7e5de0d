"""Trains the shape prior: python train.py OUT.pt VALIDATION.npz MINUTES FOLDER  (see README.md)"""
import sys
import time
from pathlib import Path

import numpy as np
import torch

from network import Prior, network_input

BATCH = 32
RATE = 3e-3


def load(path):
    d = np.load(path)
    return torch.from_numpy(d["images"]), torch.from_numpy(d["depths"]).permute(0, 3, 1, 2), torch.from_numpy(d["sines"])


def augment(images, depths, generator):
    """Mirrors half of the examples; hides the colours of some, so that the outline alone must do."""
    if torch.rand(1, generator=generator) < 0.5:
        images, depths = images.flip(2), depths.flip(3)
    images = images.clone()
    hide = torch.rand(len(images), generator=generator) < 0.1
    images[hide, :, :, 1:] = 128
    return images, depths


def losses(depths, sine, target, true_sine, mask):
    """Mean error of the depths (their common shift is free), of their slopes, and of the elevation's sine."""
    count = mask.sum((2, 3), keepdim=True) * 2
    weight = mask / count
    shift = ((depths - target) * weight).sum((1, 2, 3), keepdim=True)
    error = (depths - target - shift).abs()
    place = (error * weight).sum((1, 2, 3)).mean()
    slope = 0.0
    for axis in (2, 3):
        a, b = depths.diff(dim=axis), target.diff(dim=axis)
        m = mask.narrow(axis, 1, 63) * mask.narrow(axis, 0, 63)
        slope = slope + (((a - b).abs().clamp(max=0.2) * m).sum((1, 2, 3)) / (2 * m.sum((1, 2, 3)) + 1)).mean()
    return place, slope, (sine - true_sine).abs().mean()


def main():
    out, validation, minutes, folder = sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4])
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(2)
    torch.set_num_threads(1)
    parts = {}
    v_images, v_depths, v_sines = (x[:128] for x in load(validation))
    model = Prior()
    print(sum(p.numel() for p in model.parameters()), "weights", flush=True)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=1e-3)
    begin, step, shown = time.time(), 0, 0.0
    images = depths = sines = None
    while (done := (time.time() - begin) / 60 / minutes) < 1:
        if images is None or step % 100 == 0:  # draw.py may still be drawing
            new = [f for f in sorted(folder.glob("*.npz")) if f not in parts and time.time() - f.stat().st_mtime > 5]
            if new:
                parts.update((f, load(f)) for f in new)
                images, depths, sines = (torch.cat(x) for x in zip(*parts.values()))
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-5
        pick = torch.randint(len(images), (BATCH,), generator=generator)
        x, d = augment(images[pick], depths[pick].float(), generator)
        model.train()
        found, sine = model(network_input(x))
        place, slope, tilt = losses(found, sine, d, sines[pick].float(), x.permute(0, 3, 1, 2)[:, :1].float() / 255)
        optimiser.zero_grad()
        (place + slope + 0.1 * tilt).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        if time.time() - shown > 120:
            shown = time.time()
            model.eval()
            with torch.no_grad():
                found, sine = model(network_input(v_images))
                a, b, c = losses(found, sine, v_depths.float(), v_sines.float(), v_images.permute(0, 3, 1, 2)[:, :1].float() / 255)
            print(f"{done:.2f} step {step} of {len(images)} train {place:.4f} {slope:.4f} unseen {a:.4f} {b:.4f} sine {c:.4f}", flush=True)
            torch.save(model.state_dict(), out)
    torch.save(model.state_dict(), out)


if __name__ == "__main__":
    main()
