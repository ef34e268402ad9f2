"""Acts on those who are in the meeting, and on what they show. Loop only."""

from __future__ import annotations

from collections.abc import Callable

from rtms_desktop.mock_server.acts.finding import Act
from rtms_desktop.mock_server.arguments import Arguments, ControlError
from rtms_desktop.mock_server.options import RESOLUTIONS
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog


class PeopleActs:
    def __init__(self, stage: Stage, truth: TruthLog) -> None:
        self._stage, self._truth = stage, truth
        self.table: dict[str, Act] = {
            "new_resolution": self._new_resolution,
            "share_start": self._share_start,
            "share_stop": self._share_stop,
            "video_on": self._video_on,
            "video_off": self._video_off,
            "mute": self._mute,
            "unmute": self._unmute,
            "join": self._join,
            "leave": self._leave,
        }

    def _new_resolution(self, arguments: Arguments) -> None:
        name = arguments.text("resolution", "360p", RESOLUTIONS)
        width, height = RESOLUTIONS[name].size
        self._truth.emit("new_resolution", "video", resolution=name)
        self._stage.set_size(width, height)

    def _share_start(self, arguments: Arguments) -> None:
        self._truth.emit("share_start", "share")
        self._stage.share_by_hand(True)

    def _share_stop(self, arguments: Arguments) -> None:
        self._truth.emit("share_stop", "share")
        self._stage.share_by_hand(False)

    def _person(self, arguments: Arguments) -> int:
        """`user_id`, or `person` counted from 1; the last one by default."""
        people = self._stage.everybody
        if arguments.has("user_id"):
            user_id = arguments.whole("user_id", 0, 0, 2**53)
            if user_id not in [person.user_id for person in people]:
                raise ControlError(f"Nobody here has the user id {user_id}.")
            return user_id
        return people[arguments.whole("person", len(people), 1, len(people)) - 1].user_id

    def _video_on(self, arguments: Arguments) -> None:
        self._act_on(arguments, "video_on", lambda user_id: self._stage.set_camera(user_id, True))

    def _video_off(self, arguments: Arguments) -> None:
        self._act_on(arguments, "video_off", lambda user_id: self._stage.set_camera(user_id, False))

    def _mute(self, arguments: Arguments) -> None:
        self._act_on(arguments, "mute", lambda user_id: self._stage.set_muted(user_id, True))

    def _unmute(self, arguments: Arguments) -> None:
        self._act_on(arguments, "unmute", lambda user_id: self._stage.set_muted(user_id, False))

    def _join(self, arguments: Arguments) -> None:
        self._act_on(arguments, "join", lambda user_id: self._stage.set_present(user_id, True))

    def _leave(self, arguments: Arguments) -> None:
        self._act_on(arguments, "leave", lambda user_id: self._stage.set_present(user_id, False))

    def _act_on(self, arguments: Arguments, name: str, act: Callable[[int], None]) -> None:
        user_id = self._person(arguments)
        self._truth.emit(name, user_id=user_id)
        act(user_id)
