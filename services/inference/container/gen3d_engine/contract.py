"""The contract of packages/shared, as `pnpm fix` generates it into generated/contract.json."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

CONTRACT: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "generated" / "contract.json").read_text("utf-8"))
JOB_ERRORS: Final[dict[str, dict[str, str]]] = CONTRACT["job_errors"]
JOB_FILES: Final[dict[str, str]] = CONTRACT["job_files"]
FORMATS: Final[dict[str, dict[str, str]]] = CONTRACT["formats"]


class JobFailed(Exception):
    """A job ended for a reason that has a name in the contract's JOB_ERRORS."""

    def __init__(self, code: str, message: str = "") -> None:
        if code not in JOB_ERRORS:
            raise ValueError(f"not a job error: {code}")
        super().__init__(message or JOB_ERRORS[code]["message"])
        self.code = code


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(CONTRACT["schemas"][schema])


def find_fault(schema: str, value: object) -> str | None:
    """Where a value breaks its schema, as `photo.key is missing`; None when it fits."""
    error = best_match(_validator(schema).iter_errors(value))
    return None if error is None else _describe(error)


def _describe(error: ValidationError) -> str:
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required" and isinstance(error.instance, dict):
        missing = next(name for name in _validator_names(error) if name not in error.instance)
        return f"{'.'.join([*path, missing])} is missing"
    return f"{'.'.join(path) or 'request'}: {error.message[:200]}"


def _validator_names(error: ValidationError) -> list[str]:
    names: Any = error.validator_value
    return list(names)


def finite(value: float) -> float:
    """JSON has no infinity: a number that is none is a bug of ours, said before it reaches a manifest."""
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    return float(value)
