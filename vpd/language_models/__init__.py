"""Language models behind one async protocol: messages in, completions with their log-probabilities out."""
