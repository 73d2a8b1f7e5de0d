"""Folds the normalisation, quantises and writes the weights as TypeScript: python export.py MODEL.pt OUT.ts

Bytes, layer after layer in the order in which the engine runs them, per output channel:
float32 scale, float32 bias (little-endian), then int8 weights, input channel by input channel, row by row.
"""
import base64
import sys

import numpy as np
import torch
from torch import nn

from network import Prior, Unit


def folded(unit):
    n = unit.norm
    gain = n.weight / torch.sqrt(n.running_var + n.eps)
    return unit.conv.weight * gain[:, None, None, None], n.bias - n.running_mean * gain


def layers(model):
    units = [*model.first]
    for down in model.down:
        units += [*down]
    units += [*model.middle]
    for up, join in zip(model.up, model.join):
        units += [up, join]
    out = [folded(u) for u in units]
    out.append((model.depths.weight, model.depths.bias))
    out.append((model.sine.weight, model.sine.bias))
    return out


def packed(weight, bias):
    w = weight.detach().numpy().reshape(len(weight), -1).astype(np.float64)
    b = bias.detach().numpy()
    out = b""
    for row, offset in zip(w, b):
        scale = np.float32(max(np.abs(row).max(), 1e-12) / 127)
        q = np.clip(np.round(row / scale), -127, 127).astype(np.int8)
        out += np.array([scale, offset], "<f4").tobytes() + q.tobytes()
    return out


def main():
    model = Prior()
    model.load_state_dict(torch.load(sys.argv[1]))
    model.eval()
    data = b"".join(packed(w, b) for w, b in layers(model))
    text = base64.b64encode(data).decode()
    lines = "\n".join(f"  '{text[i:i + 4096]}'," for i in range(0, len(text), 4096))
    with open(sys.argv[2], "w") as f:
        f.write("// Written by packages/preview/train/shape_prior/export.py; layout there.\n")
        f.write(f"export const SHAPE_PRIOR_WEIGHTS = [\n{lines}\n].join('')\n")
    print(len(data), "bytes")


if __name__ == "__main__":
    main()
