"""Driver, hub, controller, settings and the headless commands, on asyncio and without Qt."""
