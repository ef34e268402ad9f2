"""The tongue: every message, number, dialect, signature and payload of RTMS, as plain values."""
