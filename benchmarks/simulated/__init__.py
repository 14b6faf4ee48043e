"""A provider whose programs are right with known probability, and questions about drawn scenes to ask it."""
