"""The stages in order: which table each one makes, and from what."""
