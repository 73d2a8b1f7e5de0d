"""`python -m gen3d_engine.sam3.worker FOLDER [ENGINE_NAME]`: SAM 3 as a worker process."""

import sys
from pathlib import Path

from gen3d_engine import ENGINE_NAME
from gen3d_engine.protocol import Engine, serve
from gen3d_engine.weights import check_weights


def load() -> Engine:
    folder, name = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ENGINE_NAME
    weights = check_weights("sam3", folder)
    # Imported here: it takes seconds, and what fails in it must reach the server as a sentence.
    from gen3d_engine.sam3.engine import Sam3Engine

    return Sam3Engine(folder, name, weights)


if __name__ == "__main__":
    serve(load)
