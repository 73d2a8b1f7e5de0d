"""The environment, read once; what is wrong with it is said by name."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from gen3d_engine.contract import CONTRACT

DEFAULT_PORT = 8080
DEFAULT_HOST = "127.0.0.1"
# One reconstruct of 7 objects on an A10G may take 14 minutes (facts: 60-120 s an object, unmeasured).
DEFAULT_TIMEOUT_SECONDS = 900.0


@dataclass(frozen=True)
class Config:
    host: str
    port: int
    timeout_seconds: float


def read_config(env: Mapping[str, str] = os.environ) -> Config:
    names: dict[str, str] = CONTRACT["env"]
    return Config(
        host=env.get(names["host"]) or DEFAULT_HOST,
        port=int(_number(env, names["port"], DEFAULT_PORT)),
        timeout_seconds=_number(env, names["timeout_seconds"], DEFAULT_TIMEOUT_SECONDS),
    )


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f'{name} is no number: "{text}".')
    return value
