"""Visual program distillation: verified reasoning of programs, distilled into a vision-language model."""

__version__ = "0.1.0"
