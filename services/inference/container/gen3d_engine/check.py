"""`python -m gen3d_engine.check`: whether both environments import what they need, without a network."""

import subprocess
import sys

from gen3d_engine.protocol import refuse_network

IMPORTS = {
    "sam3": ("/opt/sam3/bin/python", "transformers, torch, onnx, boto3, jsonschema, PIL"),
    # sam3d_objects itself cannot be imported where there is no GPU.
    "sam3d": ("/opt/sam3d/bin/python", "torch, pytorch3d, kaolin, gsplat, spconv, xformers, hydra, utils3d, moge"),
}


def main() -> int:
    refuse_network()
    failed = 0
    for name, (python, modules) in IMPORTS.items():
        done = subprocess.run([python, "-c", f"import {modules}"], capture_output=True, text=True, check=False)
        print(f"{name} ok" if done.returncode == 0 else f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
        failed += done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
