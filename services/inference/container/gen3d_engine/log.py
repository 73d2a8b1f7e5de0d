"""One JSON object a line on standard output, where SageMaker collects it."""

import json
import sys
import threading
from typing import Literal

Level = Literal["info", "warn", "error"]
_lock = threading.Lock()


def log(level: Level, message: str, **fields: object) -> None:
    """A fixed message with variable fields; no payloads, no signed addresses."""
    line = json.dumps({"level": level, "service": "engine", "message": message, **fields}, default=str)
    with _lock:
        print(line, file=sys.stdout, flush=True)
