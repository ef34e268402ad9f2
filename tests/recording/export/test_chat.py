"""The chat as it finally stood."""

from __future__ import annotations

from rtms_desktop.recording.export.chat import ChatRow, FileRow, settle

NEW, DELETE, UPDATE, REACT, UNREACT = 1, 2, 3, 4, 5


def row(text: str, operation: int = NEW, message_id: str = "A", sender: int = 1, **more: object) -> ChatRow:
    return ChatRow(
        timestamp=10, text=text, operation=operation, message_id=message_id, sender_id=sender,
        sender_name=f"P{sender}", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_edit_replaces_the_text_and_keeps_who_wrote_it() -> None:
    (message,) = settle([row("a"), row("b", UPDATE, sender=9)])
    assert (message.text, message.user_id, message.edited) == ("b", 1, True)


def test_nothing_of_a_deleted_message_is_left_but_that_it_was() -> None:
    files = [FileRow(file_id="f", file_name="secret.txt")]
    (message,) = settle([row("a", files=files), row("x", REACT), row("", DELETE)])
    assert (message.text, message.deleted, message.files, message.reactions) == ("", True, {}, {})


def test_reactions_are_counted_by_person() -> None:
    rows = [row("a"), row("👍", REACT, sender=2), row("👍", REACT, sender=2), row("👍", REACT, sender=3)]
    (message,) = settle(rows)
    assert message.reactions == {"👍": {2: "P2", 3: "P3"}}
    (message,) = settle([*rows, row("👍", UNREACT, sender=2), row("👍", UNREACT, sender=3)])
    assert message.reactions == {}


def test_files_come_and_go() -> None:
    one, two = FileRow(file_id="1", file_name="one"), FileRow(file_id="2", file_name="two")
    (message,) = settle([row("a", files=[one]), row("a", UPDATE, files=[two], deleted_files=["1"])])
    assert list(message.files) == ["2"]


def test_what_means_an_unknown_message() -> None:
    assert settle([row("", DELETE), row("👍", REACT), row("👍", UNREACT)]) == []
    (message,) = settle([row("now", UPDATE)])
    assert (message.text, message.edited) == ("now", True)


def test_messages_without_an_id_stay_apart() -> None:
    assert [message.text for message in settle([row("a", message_id=""), row("b", message_id="")])] == ["a", "b"]
    assert [message.text for message in settle([row("a", message_id=""), row("", DELETE, message_id="")])] == ["a"]
