"""`serve_with_fake_gpu.py FOLDER`: the container's server and SAM 3 worker, beside them the fake GPU worker."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from gen3d_engine import ENGINE_VERSION  # noqa: E402
from gen3d_engine.jobs import EngineId  # noqa: E402
from gen3d_engine.serve import main  # noqa: E402

# Not `sam3d`: what comes out of random weights and a fake must not carry that name.
NAME = "tiny-sam3"

if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    commands = {
        "other": [sys.executable, "-m", "gen3d_engine.sam3.worker", sys.argv[1], NAME],
        "reconstruct": [sys.executable, str(Path(__file__).parent / "fake_gpu_worker.py")],
    }
    code = main(commands, EngineId(NAME, ENGINE_VERSION))
    sys.stdout.flush()
    os._exit(code)
