"""Training of Valley: the synthetic world, the tower, the language model, and the two phases of arXiv 2306.07207."""
