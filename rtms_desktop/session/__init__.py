"""One RTMS stream with all its links, sans I/O: data and time in, commands and events out."""
