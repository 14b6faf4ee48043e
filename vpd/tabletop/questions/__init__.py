"""What can be asked about a scene: families of questions, each with its gold answers, programs and reasoning."""
