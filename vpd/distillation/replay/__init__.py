"""A program told again along its trace: every value with where it came from, nothing executed."""
