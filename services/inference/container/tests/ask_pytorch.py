"""`python -m tests.ask_pytorch MODELS EMBEDDING X Y WIDTH HEIGHT`: what PyTorch answers to one click, as JSON.

X and Y are pixel indices of a photo of WIDTH x HEIGHT. Prints {side, logits: three lists, scores}.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import Sam3TrackerModel

from gen3d_engine.sam3.engine import TENSORS
from gen3d_engine.sam3.load import load_part

if __name__ == "__main__":
    models, embedding = Path(sys.argv[1]), Path(sys.argv[2])
    x, y, width, height = (float(word) for word in sys.argv[3:7])
    model = load_part(Sam3TrackerModel, models / "sam3", torch.float32)
    size = int(model.config.vision_config.backbone_config.image_size)
    tensors = load_file(embedding)
    # The model adds half a unit itself.
    point = [(x + 0.5) * size / width - 0.5, (y + 0.5) * size / height - 0.5]
    with torch.no_grad():
        answer = model(
            image_embeddings=[tensors[name].float() for name in TENSORS],
            input_points=torch.tensor([[[point]]]),
            input_labels=torch.tensor([[[1]]]),
            multimask_output=True,
        )
    masks = answer.pred_masks[0, 0]
    made = {
        "side": masks.shape[-1],
        "logits": masks.flatten(1).tolist(),
        "scores": answer.iou_scores.flatten().tolist(),
    }
    print(json.dumps(made))
