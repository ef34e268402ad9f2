"""QObjects between the hub and the views: bridge, render tick, list models (main thread)."""
