"""What is measured, and how: ratios between things measured side by side in one run, never absolute promises."""
