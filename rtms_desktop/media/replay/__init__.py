"""Pictures and sound of a recording: they follow the playhead of a ReplayClock instead of what arrives."""
