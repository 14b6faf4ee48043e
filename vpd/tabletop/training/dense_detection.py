"""The detector's loss: patches near the middle of a thing predict it, and their scores say how well they do.

Every thing has several positives, as in FCOS (Tian et al. 2019), for a detector that starts from nothing learns too
little from the one that set matching gives it. Scores learn the overlap of the predicted box (quality focal loss, Li
et al. 2020, arXiv 2006.04388, equation 2), so that suppression keeps the best of several boxes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_NEAR = 0.55
"""A patch is positive if its middle lies in this inner share of a thing's box."""


def dense_loss(logits: "Tensor", boxes: "Tensor", things: "Tensor", true: "Tensor") -> "Tensor":
    """
    Args:
        logits: (images, patches, phrases), patches row by row.
        boxes: (images, patches, 4), predicted centre and extent, relative to the image.
        things: (images, things, 4), likewise; of extent 0 where an image has fewer things.
        true: (images, things, phrases), 1 where a phrase is true of a thing.
    """
    import torch
    from torch.nn.functional import l1_loss

    owner = owners(things, logits.shape[1])
    image, patch = (owner >= 0).nonzero(as_tuple=True)
    targets = torch.zeros_like(logits)
    if not len(image):
        return _focal(logits, targets).sum()
    thing = owner[image, patch]
    predicted, wanted = boxes[image, patch], things[image, thing]
    overlap, generalised = overlaps(predicted, wanted)
    targets[image, patch] = true[image, thing] * overlap.detach().clamp(min=0.05)[:, None]
    scores = _focal(logits, targets).sum() / len(image)
    places = l1_loss(predicted, wanted, reduction="none").sum(-1).mean()
    return scores + 5 * places + 2 * (1 - generalised).mean()


def _focal(logits: "Tensor", targets: "Tensor") -> "Tensor":
    from torch.nn.functional import binary_cross_entropy_with_logits

    losses = binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return losses * (logits.sigmoid() - targets).abs() ** 2


def owners(things: "Tensor", patches: int) -> "Tensor":
    """(images, patches): the number of the thing that each patch of a square grid answers for, or -1."""
    import torch

    side = round(patches**0.5)
    middles = (torch.arange(side, device=things.device) + 0.5) / side
    grid = torch.stack(torch.meshgrid(middles, middles, indexing="xy"), dim=-1).reshape(1, -1, 1, 2)
    extents = things[:, None, :, 2:]
    far = ((grid - things[:, None, :, :2]).abs() / (extents / 2).clamp(min=1e-6)).amax(-1)
    far = far.masked_fill(extents.amin(-1) <= 0, torch.inf)
    # However small, a thing has the patch nearest to its middle.
    nearest = far.argmin(dim=1, keepdim=True)
    far = far.masked_fill(
        (far > _NEAR) & ~torch.zeros_like(far, dtype=torch.bool).scatter(1, nearest, True), torch.inf
    )
    distance, owner = far.min(dim=-1)
    return owner.masked_fill(distance.isinf(), -1)


def overlaps(first: "Tensor", second: "Tensor") -> tuple["Tensor", "Tensor"]:
    """Intersection over union of pairs of boxes, and its generalised form (Rezatofighi et al. 2019)."""
    import torch

    a1, a2 = first[:, :2] - first[:, 2:] / 2, first[:, :2] + first[:, 2:] / 2
    b1, b2 = second[:, :2] - second[:, 2:] / 2, second[:, :2] + second[:, 2:] / 2
    shared = (torch.minimum(a2, b2) - torch.maximum(a1, b1)).clamp(min=0).prod(-1)
    union = first[:, 2:].prod(-1) + second[:, 2:].prod(-1) - shared
    hull = (torch.maximum(a2, b2) - torch.minimum(a1, b1)).prod(-1)
    overlap = shared / union.clamp(min=1e-9)
    return overlap, overlap - (hull - union) / hull.clamp(min=1e-9)
