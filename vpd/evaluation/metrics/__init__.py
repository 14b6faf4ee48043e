"""The benchmarks' official metrics as pure functions: one file per metric, one score per question.

A prediction of `None` (no answer) is always wrong.
"""
