"""The reference model in PyTorch."""
