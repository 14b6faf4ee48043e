"""Rows that look closer before they answer: zoom-in and frame-selection trajectories."""
