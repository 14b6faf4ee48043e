"""The parts of `benchmarks.student`: questions, teacher, fine-tunings, scores and the report."""
