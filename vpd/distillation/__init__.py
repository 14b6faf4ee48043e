"""From kept traces to training data: facts, rationales that say only what was seen, pixel-space trajectories."""
