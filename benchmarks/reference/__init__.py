"""What a benchmark compares the project with, and the tools both sides call."""
