"""What a program found out: typed statements, each pointing at the steps of the trace that show it."""
