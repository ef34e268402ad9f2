"""Where the mock server's pictures, sounds and words come from; each source makes them by media time, in feed threads."""
