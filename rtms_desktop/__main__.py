"""From the command line to the window or to one of the headless commands (main thread)."""
