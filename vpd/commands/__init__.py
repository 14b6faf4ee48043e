"""What the commands do: from options to the pipeline, and from its tables to the terminal."""
