"""From received bytes to pictures and sound: decoding, playout buffer, clock, sinks."""
