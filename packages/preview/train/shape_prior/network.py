"""The network of the shape prior: a small U-Net whose skips are added, from picture and mask to two depths a pixel."""
import torch
from torch import nn
from torch.nn import functional as F

CHANNELS = (16, 32, 64)
# mask, red, green, blue (each times the mask), x, y in -1..1
INPUTS = 6


class Unit(nn.Module):
    """3 x 3 convolution, normalisation, rectifier; the normalisation folds into the convolution on export."""

    def __init__(self, a, b, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(b, momentum=0.05)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Prior(nn.Module):
    """64 x 64 in; works at 32, 16 and 8; each place of 32 x 32 tells four places of 64 x 64."""

    def __init__(self):
        super().__init__()
        a, b, c = CHANNELS
        self.first = nn.Sequential(Unit(INPUTS, a, 2), Unit(a, a))
        self.down = nn.ModuleList([nn.Sequential(Unit(a, b, 2), Unit(b, b)), nn.Sequential(Unit(b, c, 2), Unit(c, c))])
        self.middle = nn.Sequential(Unit(c, c), Unit(c, c))
        self.up = nn.ModuleList([Unit(c, b), Unit(b, a)])
        self.join = nn.ModuleList([Unit(b, b), Unit(a, a)])
        self.depths = nn.Conv2d(a, 8, 1)
        self.sine = nn.Linear(c, 1)

    def forward(self, x):
        skips = [self.first(x)]
        for down in self.down:
            skips.append(down(skips[-1]))
        y = self.middle(skips.pop())
        # All places know the whole: the mean over the coarsest level is added to it.
        whole = y.mean((2, 3))
        y = y + whole[:, :, None, None]
        for up, join in zip(self.up, self.join):
            y = F.interpolate(up(y), scale_factor=2, mode="nearest")
            y = join(y + skips.pop())
        middle, x = F.pixel_shuffle(self.depths(y), 2).unbind(1)
        # Half the thickness, above 0; a root, because the engine may use no exponential (arithmetic.ts).
        half = 0.5 * (x + torch.sqrt(x * x + 0.01))
        return torch.stack([middle + half, middle - half], 1), self.sine(whole)[:, 0]


def network_input(images):
    """(n, 64, 64, 4) bytes -> (n, 6, 64, 64): colours over the object's mean brightness, so that exposure is nothing."""
    x = images.permute(0, 3, 1, 2).float() / 255
    mask, rgb = x[:, :1], x[:, 1:] * x[:, :1]
    mean = rgb.mean(1, keepdim=True).sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True)
    rgb = (rgb / (mean + 0.02) - 1) * mask
    n, _, h, w = x.shape
    line = (torch.arange(w, dtype=torch.float32) + 0.5) * (2 / w) - 1
    across = line.view(1, 1, 1, w).expand(n, 1, h, w)
    down = line.view(1, 1, h, 1).expand(n, 1, h, w)
    return torch.cat([mask, rgb, across, down], 1)
