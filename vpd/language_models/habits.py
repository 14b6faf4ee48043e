"""What a server turned out not to accept, remembered so that it is asked without from then on."""

import re

_OPTIONAL = ("logprobs", "seed", "n")


class Habits:
    """Learnt from a server's answers; starts by assuming everything of the OpenAI API."""

    def __init__(self, samples_per_request: int) -> None:
        self.samples_per_request = samples_per_request
        self.rejected: set[str] = set()
        self.length_field = "max_tokens"
        """Older and most compatible servers know only this one; some newer models refuse it."""

    def learn(self, message: str, field: str | None, body: dict[str, object]) -> bool:
        """Read why a request was called malformed.

        Args:
            message: what the server said.
            field: the request field that it named, if it did.
            body: the request.

        Returns:
            Whether the same request can be asked again without what it objects to.
        """
        if "max_tokens" in body and _objects(message, field, "max_tokens"):
            self.length_field = "max_completion_tokens"
            return True
        for name in _OPTIONAL:
            if name in body and _objects(message, field, name):
                self.rejected.add(name)
                if name == "n":
                    self.samples_per_request = 1
                return True
        return False

    def saw(self, asked: int, got: int) -> None:
        """Note how many completions a reply held."""
        if got == 1 and asked > 1:
            self.samples_per_request = 1


def _objects(message: str, field: str | None, name: str) -> bool:
    if field == name:
        return True
    quoted = rf"['\"`]{name}['\"`]"
    named = rf"\b(?:parameters?|fields?|arguments?|property|keys?|supplied|supported):?\s+{name}\b"
    subject = rf"(?:^|[\s.:]){name} (?:is|are|must|should|>|=|not\b)"
    return re.search(f"{quoted}|{named}|{subject}", message, re.IGNORECASE) is not None
