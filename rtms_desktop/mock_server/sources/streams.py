"""The two grids on which media is made: pictures at fps, audio in blocks; both take their content from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from rtms_desktop.mock_server.sources.base import AudioFormat, Participant, PictureFormat
from rtms_desktop.mock_server.sources.codecs import KEYFRAME_EVERY_S, AudioEncoder, picture_encoder
from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.messages import MediaData

_EPSILON_MS = 1e-6


class Painter(Protocol):
    """Draws or decodes pictures of the format's size."""

    def picture(self, number: int, at_ms: float) -> av.VideoFrame | None: ...

    def close(self) -> None: ...


class PictureStream:
    """Encoded pictures of one participant; frame n stands at n/fps of media time."""

    def __init__(
        self, medium: Medium, person: Participant, form: PictureFormat, zero_ms: int, painter: Painter
    ) -> None:
        self._medium, self._person, self._form, self._zero_ms, self._painter = medium, person, form, zero_ms, painter
        self._encoder = picture_encoder(form)
        self._number = 0
        self._since_key = 0
        self._refresh = True

    @property
    def due_ms(self) -> float:
        return self._number * 1000 / self._form.fps

    def seek(self, at_ms: float) -> None:
        self._number = max(0, math.ceil(at_ms * self._form.fps / 1000 - _EPSILON_MS))
        self._refresh = True

    def refresh(self) -> None:
        self._refresh = True

    def take(self) -> Sequence[MediaData]:
        number, at_ms = self._number, self.due_ms
        self._number += 1
        frame = self._painter.picture(number, at_ms)
        if frame is None:
            return ()
        key = self._refresh or self._since_key >= KEYFRAME_EVERY_S * self._form.fps
        self._refresh = False
        self._since_key = 1 if key else self._since_key + 1
        return (
            MediaData(
                medium=self._medium,
                user_id=self._person.user_id,
                user_name=self._person.name,
                data=self._encoder.encode(frame, key),
                timestamp=self._zero_ms + round(at_ms),
            ),
        )

    def close(self) -> None:
        self._painter.close()


Block = tuple[Participant, NDArray[np.float32]]


class Sampler(Protocol):
    """Gives sound by position."""

    def blocks(self, start: int, count: int) -> Sequence[Block]:
        """Samples [start, start + count) of media time as (count,) floats of +-1 for everyone who is heard."""
        ...

    def close(self) -> None: ...


MIXED = Participant(0, "")


class AudioStream:
    """Encoded blocks; block n stands at n x block_ms. One encoder per speaker keeps each stream continuous."""

    def __init__(self, form: AudioFormat, zero_ms: int, sampler: Sampler) -> None:
        self._form, self._zero_ms, self._sampler = form, zero_ms, sampler
        self._count = form.rate * form.block_ms // 1000
        self._encoders: dict[int, AudioEncoder] = {}
        self._number = 0

    @property
    def due_ms(self) -> float:
        return float(self._number * self._form.block_ms)

    def seek(self, at_ms: float) -> None:
        self._number = max(0, math.ceil(at_ms / self._form.block_ms - _EPSILON_MS))

    def refresh(self) -> None:
        """Every block decodes by itself."""

    def take(self) -> Sequence[MediaData]:
        number, at_ms = self._number, self.due_ms
        self._number += 1
        heard = self._sampler.blocks(number * self._count, self._count)
        if self._form.mixed:
            total = np.zeros(self._count, np.float32)
            for _, samples in heard:
                total += samples
            heard = [(MIXED, total)]
        return [self._encode(person, samples, at_ms) for person, samples in heard]

    def _encode(self, person: Participant, samples: NDArray[np.float32], at_ms: float) -> MediaData:
        encoder = self._encoders.get(person.user_id)
        if encoder is None:
            encoder = self._encoders[person.user_id] = AudioEncoder(self._form)
        whole = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        wide = np.repeat(whole[:, None], self._form.channels, axis=1)
        return MediaData(
            medium=Medium.AUDIO,
            user_id=person.user_id,
            user_name=person.name,
            data=encoder.encode(wide),
            timestamp=self._zero_ms + round(at_ms),
        )

    def close(self) -> None:
        self._sampler.close()
