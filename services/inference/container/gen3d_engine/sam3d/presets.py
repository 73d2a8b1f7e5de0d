"""What each quality asks of SAM 3D Objects."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    shape_steps: int
    detail_steps: int
    # The distilled short cut of both stages: no guidance, so each step costs half. Its quality is unmeasured.
    distilled: bool


PRESETS = {
    "draft": Preset(8, 8, distilled=True),
    # As published: 25 and 25.
    "standard": Preset(25, 25, distilled=False),
    "high": Preset(50, 50, distilled=False),
}
