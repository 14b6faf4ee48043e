"""Facts in words: written by templates or by a language model, and checked claim by claim."""
