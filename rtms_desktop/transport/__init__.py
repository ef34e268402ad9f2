"""One WebSocket is one Link: sockets, TLS, tasks and the webhook receiver."""
