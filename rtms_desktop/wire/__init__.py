"""The tongue of RTMS: enums, messages, codec, signatures, webhooks, status tables."""
