"""Sans-I/O core of one stream with all its links: messages in, commands and events out."""
