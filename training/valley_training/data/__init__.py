"""Clips as features, dialogues as tokens, batches."""
