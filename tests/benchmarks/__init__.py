"""Benchmarks: whole-program runs and hot paths, with the baseline each is held against. ``rtms-desktop bench``."""
