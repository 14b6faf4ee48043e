"""Model or programs → scores: benchmarks, official metrics, confidence intervals."""
