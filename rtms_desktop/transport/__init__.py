"""Sockets: one Link per WebSocket, TLS, and which hosts may be contacted."""
