"""The reward language: source text, its rules, and the diagnostics of what falls outside them."""
