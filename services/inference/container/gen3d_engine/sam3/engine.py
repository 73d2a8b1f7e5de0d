"""SAM 3 through `transformers`: a photo in, an embedding file and the decoder that reads it, or masks by words, out."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save
from torch import Tensor
from transformers import Sam3TrackerModel

from gen3d_engine import ENGINE_VERSION
from gen3d_engine.contract import CONTRACT, JobFailed
from gen3d_engine.images import read_photo, write_mask
from gen3d_engine.protocol import Call, Progress
from gen3d_engine.sam3.decoder import PromptDecoder, export_decoder
from gen3d_engine.sam3.finder import Finder
from gen3d_engine.sam3.load import load_part
from gen3d_engine.weights import WeightsWrong

TENSORS = ("high_res_0", "high_res_1", "image")


class Sam3Engine:
    def __init__(self, folder: Path, engine_name: str, weights: str) -> None:
        """Loads `folder`/sam3, checked by the caller, and runs it once. WeightsWrong where a parameter is missing."""
        cuda = torch.cuda.is_available()
        self._name = engine_name
        self._device = torch.device("cuda" if cuda else "cpu")
        self._dtype = torch.float16 if cuda else torch.float32
        model = load_part(Sam3TrackerModel, folder / "sam3", torch.float32)
        # Taken before the encoder is halved: the page decodes in full precision.
        decoder = PromptDecoder(model)
        self._model = model.to(device=self._device, dtype=self._dtype)
        self._side = int(self._model.config.vision_config.backbone_config.image_size)
        self._folder = tempfile.TemporaryDirectory(prefix="gen3d-decoder-")
        self._finder = Finder(folder / "sam3", self._model, self._dtype)
        grey = Image.new("RGB", (self._side, self._side), (128, 128, 128))
        self._decoder = export_decoder(decoder, self._encode(grey), Path(self._folder.name))
        self._finder.find(self._pixels(grey), grey.size, "proof that it runs")
        self.models = {"sam3": f"sha256:{weights}"}

    def run(self, call: Call, progress: Progress) -> dict[str, Any]:
        if call.kind not in ("embed", "select"):
            raise JobFailed("engine_failed", f"SAM 3 does not do {call.kind}")
        photo = read_photo(call.photo.read_bytes())
        progress(call.kind, 0.1)
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        made = self._embed(call, photo, progress) if call.kind == "embed" else self._select(call, photo, progress)
        return {**made, "image": {"width": photo.width, "height": photo.height}, "measured": measure()}

    def _embed(self, call: Call, photo: Image.Image, progress: Progress) -> dict[str, Any]:
        tensors = self._encode(photo)
        progress("embed", 0.9)
        path = call.folder / "embedding"
        path.write_bytes(self._pack(tensors, photo))
        decoder = self._decoder
        return {
            "file": str(path),
            "decoder": {"file": str(decoder.file), "name": decoder.name, "version": decoder.version},
        }

    def _select(self, call: Call, photo: Image.Image, progress: Progress) -> dict[str, Any]:
        found = self._finder.find(self._pixels(photo), photo.size, call.text or "")
        progress("select", 0.7)
        candidates = []
        for position, candidate in enumerate(found):
            path = call.folder / f"candidate-{position}"
            path.write_bytes(write_mask(candidate.mask))
            candidates.append({"file": str(path), "score": candidate.score, "box": list(candidate.box)})
        return {"candidates": candidates}

    def _pixels(self, photo: Image.Image) -> Tensor:
        return to_pixels(photo, self._side).to(device=self._device, dtype=self._dtype)

    def _encode(self, photo: Image.Image) -> list[Tensor]:
        with torch.inference_mode():
            tensors: list[Tensor] = self._model.get_image_embeddings(self._pixels(photo))
        check_shapes([tuple(tensor.shape) for tensor in tensors], self._model)
        return tensors

    def _pack(self, tensors: list[Tensor], photo: Image.Image) -> bytes:
        names: dict[str, str] = CONTRACT["embedding"]["metadata"]
        metadata = {
            names["engine"]: self._name,
            names["version"]: ENGINE_VERSION,
            names["imageWidth"]: str(photo.width),
            names["imageHeight"]: str(photo.height),
            names["decoderName"]: self._decoder.name,
            names["decoderVersion"]: self._decoder.version,
            "input_size": str(self._side),
        }
        half = {name: tensor.half().contiguous().cpu() for name, tensor in zip(TENSORS, tensors, strict=True)}
        if not all(bool(torch.isfinite(tensor).all()) for tensor in half.values()):
            raise JobFailed("engine_failed", "the embedding does not fit into 16 bits")
        return save(half, metadata)


def to_pixels(photo: Image.Image, side: int) -> Tensor:
    """[1, 3, side, side], squashed without padding, mean = std = 0.5 as the model was trained."""
    squashed = photo.resize((side, side), Image.Resampling.BILINEAR)
    values = np.asarray(squashed, dtype=np.float32) / 127.5 - 1.0
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()


def check_shapes(shapes: list[tuple[int, ...]], model: Sam3TrackerModel) -> None:
    """The default scale factors have four levels; a decoder reads exactly three."""
    channels = model.config.mask_decoder_config.hidden_size
    sizes = model.config.vision_config.backbone_feature_sizes
    expected = [(1, c, *size) for c, size in zip((channels // 8, channels // 4, channels), sizes, strict=True)]
    if shapes != expected:
        raise WeightsWrong(f"sam3 gives embeddings of {shapes}, not {expected}")


def measure() -> dict[str, float]:
    """Nothing where there is no GPU."""
    return {"peak_gpu_bytes": torch.cuda.max_memory_allocated()} if torch.cuda.is_available() else {}
