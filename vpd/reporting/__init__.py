"""Run directory → HTML report: one folder that a browser opens from disk, with nothing from outside."""
