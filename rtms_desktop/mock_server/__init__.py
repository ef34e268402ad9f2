"""A server for rehearsal that speaks RTMS as Zoom does; runs as its own process."""
