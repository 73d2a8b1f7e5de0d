"""`python -m gen3d_engine.sam3d.worker FOLDER`: SAM 3D Objects as a worker process."""

import sys
from pathlib import Path

from gen3d_engine.protocol import Engine, serve
from gen3d_engine.weights import check_weights


def load() -> Engine:
    folder = Path(sys.argv[1])
    weights = check_weights("sam3d", folder)
    # Imported here: what fails in it must reach the server as a sentence.
    from gen3d_engine.sam3d.cuda_pipeline import load_pipeline
    from gen3d_engine.sam3d.engine import Sam3dEngine

    return Sam3dEngine(load_pipeline(folder, weights))


if __name__ == "__main__":
    serve(load)
