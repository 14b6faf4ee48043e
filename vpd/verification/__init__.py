"""Trace and label → verdict: answer matching, evidence checks, selection."""
