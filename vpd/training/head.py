"""The language model's head, computed for targets alone."""

from typing import Any

from trl.trainer.utils import add_fused_lm_head


class TargetHead:
    """A model with TRL's head, which never holds all logits at once, given no more than the targets' positions.

    By itself TRL's head scores every position of the batch where it has no Triton, as on a CPU: image tokens,
    questions and padding too. It also computes an entropy and a best token that no loss needs.
    """

    def __init__(self, model: Any) -> None:
        """
        Args:
            model: of transformers, without an adapter around it.
        """
        add_fused_lm_head(model, outputs=("log_probs",))
        self._targets: Any = None
        model.base_model.register_forward_hook(self._choose)

    def log_probs(self, model: Any, inputs: dict[str, Any], labels: Any) -> tuple[Any, Any]:
        """The targets' log-probabilities.

        Args:
            model: the same one, or what it was wrapped in.
            inputs: of the model.
            labels: token ids or -100, (sequences, positions).

        Returns:
            Log-probabilities, 0 where there is no target, and the targets, both (sequences, positions - 1): the
            first position has nothing before it to be predicted from.
        """
        shifted = labels[:, 1:]
        self._targets = targets = shifted != -100
        try:
            made = model(**inputs, use_cache=False, fused_lm_head=True, shift_labels=shifted[targets][None])
        finally:
            self._targets = None
        return made.log_probs.new_zeros(targets.shape).masked_scatter(targets, made.log_probs), targets

    def _choose(self, module: Any, arguments: Any, outputs: Any) -> Any:
        if self._targets is not None:
            outputs.last_hidden_state = outputs.last_hidden_state[:, :-1][self._targets][None]
        return outputs
