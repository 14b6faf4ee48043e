"""Whether a rationale says only what the facts bear out, claim by claim."""
