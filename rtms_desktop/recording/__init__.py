"""Keeps a session on disk and reads it back: tape, tracks, writer, reader, export, library."""
