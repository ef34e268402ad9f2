"""QtWidgets and pyqtgraph: shows what the view-models hold and decides nothing (main thread)."""
