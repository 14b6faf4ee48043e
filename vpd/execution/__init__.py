"""Candidate → trace: the sandbox, the host side of the program API, and the tool broker."""
