"""The model's mask decoder with about two thirds of its work, for one image and one object at a time: a browser has one
thread for it. Equal to the model's own but for rounding.

Attention: the model projects every place of the image (72 x 72 of them) for each attention. Multiplication is
associative: the tokens' side, eight rows or so, is multiplied by the projection instead. That is dearer only from 17
tokens on, which is ten clicks.
Upscaling: places stand in rows as attention leaves them, where the model turns the picture three times.
"""

import torch
from torch import Tensor, nn
from transformers.models.sam3_tracker.modeling_sam3_tracker import Sam3TrackerAttention, Sam3TrackerMaskDecoder


class _ShortAttention(nn.Module):
    def __init__(self, model: Sam3TrackerAttention) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = model.q_proj, model.k_proj, model.v_proj, model.o_proj
        self.heads, self.width, self.scale = model.num_attention_heads, model.head_dim, model.scaling

    def split(self, values: Tensor) -> Tensor:
        """[1, 1, T, heads * width] -> [heads, T, width]."""
        return values.reshape(-1, self.heads, self.width).transpose(0, 1)

    def by_head(self, weight: Tensor) -> Tensor:
        """[heads * width, C] -> [heads, width, C]."""
        return weight.reshape(self.heads, self.width, -1)


class TokensLookAtImage(_ShortAttention):
    """query [1, 1, T, C] of the tokens; key and value [1, 1, P, C] of the image."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, **_: object) -> tuple[Tensor, None]:
        asked = self.split(self.q_proj(query)) * self.scale @ self.by_head(self.k_proj.weight)
        # The keys' bias adds the same to all places, which softmax takes away again.
        scores = asked.flatten(0, 1) @ key.flatten(0, 2).transpose(0, 1)
        seen = (scores.softmax(-1) @ value.flatten(0, 2)).reshape(self.heads, -1, value.shape[-1])
        per_head = seen @ self.by_head(self.v_proj.weight).transpose(1, 2)
        # Shares sum to one, so the values' bias comes out whole.
        joined = per_head.transpose(0, 1).flatten(1) + self.v_proj.bias
        return self.o_proj(joined).reshape(query.shape), None


class ImageLooksAtTokens(_ShortAttention):
    """query [1, 1, P, C] of the image; key and value [1, 1, T, C] of the tokens."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor, **_: object) -> tuple[Tensor, None]:
        keys = self.split(self.k_proj(key)) * self.scale
        asked = keys @ self.by_head(self.q_proj.weight)
        bias = keys @ self.q_proj.bias.reshape(self.heads, self.width, 1)
        scores = query.flatten(0, 2) @ asked.flatten(0, 1).transpose(0, 1) + bias.flatten()
        shares = scores.reshape(query.shape[2], self.heads, -1).softmax(-1).flatten(1)
        told = self.split(self.v_proj(value)) @ self.by_head(self.o_proj.weight.transpose(0, 1))
        return (shares @ told.flatten(0, 1) + self.o_proj.bias).reshape(query.shape), None


class LeanMaskDecoder(nn.Module):
    """Takes `model` over: its attentions are replaced."""

    def __init__(self, model: Sam3TrackerMaskDecoder) -> None:
        super().__init__()
        transformer = model.transformer
        for layer in transformer.layers:
            layer.cross_attn_token_to_image = TokensLookAtImage(layer.cross_attn_token_to_image)
            layer.cross_attn_image_to_token = ImageLooksAtTokens(layer.cross_attn_image_to_token)
        transformer.final_attn_token_to_image = TokensLookAtImage(transformer.final_attn_token_to_image)
        self.model = model

    def forward(
        self, image: Tensor, positions: Tensor, sparse: Tensor, dense: Tensor, high_res: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the three masks [1, 1, 3, H, W], their scores [1, 1, 3], the object's score [1, 1, 1]."""
        model = self.model
        own = torch.cat([model.obj_score_token.weight, model.iou_token.weight, model.mask_tokens.weight])
        tokens, places = model.transformer(
            point_embeddings=torch.cat([own[None, None], sparse], dim=2),
            image_embeddings=image + dense,
            image_positional_embeddings=positions,
            attention_similarity=None,
        )
        fine = self.upscale(places.reshape(*image.shape[2:], image.shape[1]), *high_res)
        # Of the masks the first is for prompts that leave no choice; the page offers the other three.
        weights = [mlp(tokens[:, :, 2 + i]) for i, mlp in enumerate(model.output_hypernetworks_mlps) if i > 0]
        masks = torch.cat(weights, dim=1) @ fine.flatten(2)
        return (
            masks.reshape(1, 1, len(weights), *fine.shape[2:]),
            model.iou_prediction_head(tokens[:, :, 1])[:, :, 1:],
            model.pred_obj_score_head(tokens[:, :, 0]),
        )

    def upscale(self, places: Tensor, high_res_0: Tensor, high_res_1: Tensor) -> Tensor:
        """[H, W, C] -> [1, C / 8, 4H, 4W]."""
        model = self.model
        height, width, channels = places.shape
        # A transposed convolution of stride 2 and size 2 is a product: each place becomes four.
        kernel = model.upscale_conv1.weight.permute(0, 2, 3, 1)
        quads = (places @ kernel.reshape(channels, -1)).reshape(height, width, 2, 2, -1)
        finer = high_res_1.reshape(-1, height, 2, width, 2).permute(1, 3, 2, 4, 0) + model.upscale_conv1.bias
        norm = model.upscale_layer_norm
        normed = nn.functional.layer_norm(quads + finer, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
        picture = model.activation(normed).permute(4, 0, 2, 1, 3).reshape(1, -1, 2 * height, 2 * width)
        upscaled: Tensor = model.activation(model.upscale_conv2(picture) + high_res_0)
        return upscaled
