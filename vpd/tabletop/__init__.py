"""Tabletop: a procedural world that knows the truth about its scenes."""
