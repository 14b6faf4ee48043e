"""What a model learns from: training rows, and the data sets that are made of them."""
