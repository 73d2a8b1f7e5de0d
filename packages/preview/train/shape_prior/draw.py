"""Draws examples into files of 1000: python draw.py SEED THOUSANDS FOLDER"""
import sys

import numpy as np

from render import draw_set

if __name__ == "__main__":
    seed, thousands, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for i in range(thousands):
        images, depths, sines = draw_set([seed, i], 1000)
        np.savez_compressed(f"{folder}/{seed}-{i}.npz", images=images, depths=depths, sines=sines)
