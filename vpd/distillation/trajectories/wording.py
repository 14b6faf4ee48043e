"""What is said between the operations of a trajectory."""

from vpd.distillation.rationale.template import Choose


def _pick(choose: Choose, *alternatives: str) -> str:
    return alternatives[choose(len(alternatives))]


def to_look(choose: Choose, name: str) -> str:
    """Before the cue is looked at."""
    return _pick(
        choose,
        f"I look closer at {name}.",
        f"I zoom in on {name}.",
        f"To be sure, I look at {name} up close.",
    )


def to_search(choose: Choose, name: str) -> str:
    """Before a crop that turns out to miss the cue."""
    return _pick(
        choose, f"I look for {name} here.", f"I zoom in to find {name}.", f"I look closer, to find {name}."
    )


def missed(choose: Choose) -> str:
    """After such a crop."""
    return _pick(
        choose,
        "This part does not show what I look for.",
        "That is the wrong place.",
        "What I look for is not here; I look elsewhere.",
    )


def too_large(choose: Choose, name: str) -> str:
    """After a crop that shows the cue, and much beside it."""
    return _pick(
        choose,
        f"This shows {name}, but still small; I go closer.",
        f"I see {name} in this part, and zoom in further.",
    )


def to_look_around(choose: Choose, name: str) -> str:
    """Before such a crop."""
    return _pick(choose, f"I look at the part around {name} first.", f"I zoom in towards {name}.")


def to_select(choose: Choose) -> str:
    return _pick(choose, "I look at the frames that matter.", "I look at these frames again, up close.")


def missed_frames(choose: Choose) -> str:
    return _pick(choose, "These frames do not show it; I select others.", "It is not in these frames.")


def closer(choose: Choose) -> str:
    """Before what is read at the cue."""
    return _pick(choose, "Up close it is clear.", "Now it is large enough.", "Here it can be seen.")
