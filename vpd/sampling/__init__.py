"""Question → candidate programs, written by a language model."""
