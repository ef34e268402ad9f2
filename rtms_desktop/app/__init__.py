"""The program without its window: driver, hub, controller, settings, credentials and the headless commands."""
