"""What rationales are measured with: the truth about a scene, corruptions, and a language model's manners."""
