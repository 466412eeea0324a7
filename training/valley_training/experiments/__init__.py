"""The paper's questions, answered by measurement on a small drawn world: see EXPERIMENTS.md."""
