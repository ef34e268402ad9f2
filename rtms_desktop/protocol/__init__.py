"""The client's side of one RTMS WebSocket, sans I/O: states as tables, one machine per kind of link."""
