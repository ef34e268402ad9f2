"""Reads H.264 and image bytes without decoding them: Annex B, SPS, frame numbers, keyframes."""
