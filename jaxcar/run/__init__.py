"""One run from its configuration to its report: programs, training, metrics, checkpoints."""
