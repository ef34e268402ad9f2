"""Where the mock server's pictures, sounds and words come from; sources make them by media time, in feed threads."""
