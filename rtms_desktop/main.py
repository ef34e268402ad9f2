"""Composition root of the window: application, loop, wiring and the one shutdown sequence (main thread)."""
