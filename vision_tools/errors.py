"""How a tool says that it cannot answer."""


class ToolError(Exception):
    """A tool cannot answer this call: one sentence on what was wrong and what to do.

    Raised for a whole batch, it makes the caller try the batch's calls one by one, so that a bad input
    fails alone.
    """


class ToolUnavailable(ToolError):
    """A tool cannot be made: a missing package, weight file or setting, with the command that mends it."""
