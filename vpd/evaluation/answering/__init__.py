"""Systems that answer: local models, endpoints, and programs that were run before."""
