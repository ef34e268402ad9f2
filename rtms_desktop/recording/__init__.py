"""What was received, kept: the tape, playable tracks, text beside them, and the way back from disk to a session."""
