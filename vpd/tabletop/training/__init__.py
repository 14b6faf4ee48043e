"""Trains the specialists of the offline world: small models of ordinary library classes."""
