"""VPD's loss: every sequence's mean over its own target tokens, then a weighted sum over the sequences.

Hu et al. 2024 (arXiv 2312.03052): `L = l(label) + l(rationale)`, with `l` the cross-entropy of a sequence
divided by its length. For a batch of B examples we take, with `w` the task weights,

    L = 1/B * sum over examples of [ w_label l(label) + w_rationale l(rationale) + w_trajectory l(trajectory) ]

where a term that an example lacks is 0 and B counts every example, so that a label pulls as hard whether or not
its example has a rationale. `items.coefficients` gives the weights of this sum.
"""

from torch import Tensor


def sequence_losses(log_probs: Tensor, targets: Tensor) -> Tensor:
    """The mean negative log-likelihood of each sequence over its own target tokens.

    Args:
        log_probs: natural logarithms, (sequences, positions).
        targets: which positions count, of the same shape, at least one in every sequence.

    Returns:
        In nats per token, (sequences,).
    """
    # In float32 also where a sharded model hands out bfloat16.
    return -(log_probs.float() * targets).sum(dim=1) / targets.sum(dim=1)


def batch_loss(losses: Tensor, coefficients: Tensor) -> Tensor:
    """The weighted sum of the sequences' losses: both (sequences,)."""
    return (losses * coefficients).sum()
