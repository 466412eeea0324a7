"""The loop that all stages share, and what it writes: checkpoints, the loss as CSV and PNG, progress."""
