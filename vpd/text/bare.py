"""The bare text of an answer: one spelling of every sign, without case, wrapping or lead-in."""

import re
import unicodedata

_SIGNS = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
})  # fmt: skip
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Unicode categories: control and formatting characters, and halves of characters."""
_WRAPPING = "\"'*()[]{}<>!?;:, "
_LEAD_IN = re.compile(r"^(?:so,? )?(?:(?:the|my) )?(?:final |correct )?answer(?: is\b:?| ?[:=])\s*(?=\S)")


def bare(text: str) -> str:
    """Lower case, single spaces, plain quotes and dashes, nothing around the answer.

    Dropped are punctuation at both ends and a lead-in such as `The answer is`. A text of nothing but
    punctuation keeps it; the result is empty only where nothing can be seen.
    """
    tidied = _tidy(text)
    return _strip(_LEAD_IN.sub("", _strip(tidied))) or tidied


def _tidy(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(c for c in folded if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join(seen.translate(_SIGNS).split())


def _strip(text: str) -> str:
    # A leading full stop may begin a number (.5); a trailing one never belongs to the answer.
    return text.lstrip(_WRAPPING).rstrip(_WRAPPING + ".")
