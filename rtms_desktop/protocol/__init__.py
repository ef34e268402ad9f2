"""Sans-I/O state machines of one link, their transition tables being data."""
