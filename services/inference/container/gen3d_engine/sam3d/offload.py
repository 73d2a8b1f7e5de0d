"""Keeps a stage in main memory but while it runs: the sum of all stages does not fit into 24 GB."""

from typing import Any


def keep_on_cpu(module: Any, device: Any) -> None:
    """Moves `module` (a torch.nn.Module) to `device` before each call and back after it, also after a failed one.

    Costs a copy over PCIe a call: about 0.5 s for the largest stage [estimated].
    """
    module.to("cpu")

    def before(stage: Any, _: Any) -> None:
        stage.to(device)

    def after(stage: Any, *_: Any) -> None:
        stage.to("cpu")

    module.register_forward_pre_hook(before)
    module.register_forward_hook(after, always_call=True)
