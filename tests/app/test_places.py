from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rtms_desktop.app import places


def test_an_isolated_config_holds_its_logs() -> None:
    assert places.config_folder(Path("/c")) == Path("/c")
    assert places.log_folder(Path("/c")) == Path("/c/log")
    assert places.APP in str(places.config_folder()) and places.APP in str(places.log_folder())


@pytest.mark.skipif(sys.platform == "win32", reason="paths of sockets")
def test_each_settings_folder_has_its_own_socket_short_enough_for_the_system(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one, two = places.instance_address(Path("/a")), places.instance_address(Path("/b"))
    assert one != two and one == places.instance_address(Path("/a"))
    deep = tmp_path / ("x" * 80)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert len(places.instance_address(Path("/a"))) < 108
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert not places.may_run(tmp_path)
