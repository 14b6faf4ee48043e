"""Programs about tabletop scenes of which it is known whether they are right for the right reasons."""
