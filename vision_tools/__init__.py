"""Specialist vision models behind one small batch protocol per role. Knows nothing of `vpd`."""
