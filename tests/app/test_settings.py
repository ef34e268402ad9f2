"""Settings survive damage, and nothing secret is among them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtms_desktop.app.alert_rules import AlertKind, Limits
from rtms_desktop.app.credentials import Credential, CredentialStore, from_environment, from_options
from rtms_desktop.app.settings import RECENT_LIMIT, RecentSession, Settings, write_atomically
from rtms_desktop.errors import DiskError, UsageError


def test_what_is_changed_is_there_next_time(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.change(theme="light", volume=0.5)
    settings.remember(RecentSession(title="Weekly", product="meeting", opened_ms=1))
    again = Settings(tmp_path)
    assert (again.values.theme, again.values.volume) == ("light", 0.5)
    assert again.values.recent[0].title == "Weekly"


def test_the_recent_list_is_bounded(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    for number in range(RECENT_LIMIT + 5):
        settings.remember(RecentSession(title=str(number), product="meeting", opened_ms=number))
    assert len(settings.values.recent) == RECENT_LIMIT
    assert settings.values.recent[0].title == str(RECENT_LIMIT + 4)


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{ damaged")
    settings = Settings(tmp_path)
    assert settings.values.theme == "system"
    assert "set aside" in settings.problem
    assert (tmp_path / "settings.damaged.json").read_text() == "{ damaged"


def test_one_wrong_value_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": 5, "volume": 0.25, "from_the_future": 1}')
    settings = Settings(tmp_path)
    assert (settings.values.theme, settings.values.volume) == ("system", 0.25)


def test_two_settings_share_no_list(tmp_path: Path) -> None:
    one, two = Settings(tmp_path / "1"), Settings(tmp_path / "2")
    one.values.allowed_hosts.append("example.org")
    assert two.values.allowed_hosts == []


def test_recordings_live_beside_an_isolated_config(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.recordings == tmp_path / "recordings"
    settings.values.recordings = str(tmp_path / "elsewhere")
    assert settings.recordings == tmp_path / "elsewhere"


def test_a_disk_that_says_no(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="could not be written"):
        write_atomically(tmp_path / "file" / "settings.json", b"")


def test_environment_names_in_order() -> None:
    assert from_environment({}) is None
    assert from_environment({"ZM_RTMS_CLIENT": "a", "ZM_RTMS_SECRET": "b"}) == Credential("a", "b")
    both = {"ZOOM_CLIENT_ID": " x ", "ZOOM_CLIENT_SECRET": "y\n", "ZM_CLIENT_ID": "a", "ZM_CLIENT_SECRET": "b"}
    assert from_environment(both) == Credential("x", "y")
    assert from_environment({"ZOOM_CLIENT_ID": "x"}) is None


def test_options_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOOM_CLIENT_ID", "env")
    monkeypatch.setenv("ZOOM_CLIENT_SECRET", "env-secret")
    assert from_options("cid", "sec") == Credential("cid", "sec")
    assert from_options(None, None) == Credential("env", "env-secret")


def test_without_credentials_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZOOM_CLIENT_ID", "ZM_CLIENT_ID", "ZM_RTMS_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError) as caught:
        from_options(None, None)
    assert "ZOOM_CLIENT_ID" in caught.value.sentence()


def test_a_secret_never_shows_and_never_reaches_the_file(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    store = CredentialStore(settings)
    assert store.keeps == "this session only"
    assert store.remember("cid", "very-secret") == "this session only"
    settings.save()
    assert store.secret("cid") == "very-secret"
    assert "very-secret" not in repr(Credential("cid", "very-secret"))
    assert b"very-secret" not in settings.file.read_bytes()
    assert "cid" in store.client_ids
    store.forget("cid")
    assert store.secret("cid") is None


def test_limits_of_alerts_are_kept_and_bad_ones_fall_back_alone(tmp_path: Path) -> None:
    Settings(tmp_path).change(alerts=Limits(silence_s=20, muted=("lag",)), metrics_port=9555)
    kept = Settings(tmp_path).values
    assert kept.alerts.silence_s == 20 and kept.alerts.mutes(AlertKind.LAG) and kept.metrics_port == 9555
    data = json.loads((tmp_path / "settings.json").read_text())
    data["alerts"]["silence_s"] = -1
    data["metrics_port"] = 70_000
    (tmp_path / "settings.json").write_text(json.dumps(data))
    found = Settings(tmp_path).values
    assert found.alerts == Limits() and found.metrics_port == 9464
