"""Encoders as RTMS wants them: one access unit, image file or audio block per message. Each belongs to one thread."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from rtms_desktop.mock_server.sources.base import AudioFormat, PictureFormat
from rtms_desktop.wire.enums import Codec

KEYFRAME_EVERY_S = 2
_X264 = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "forced-idr": "1",
    "crf": "24",
    # One slice per picture, start codes, parameter sets in front of each IDR, and IDRs only where we ask.
    "x264-params": "sliced-threads=0:annexb=1:repeat-headers=1:scenecut=0:keyint=100000:bframes=0:log-level=-1",
}


class PictureEncoder(Protocol):
    def encode(self, frame: av.VideoFrame, key: bool) -> bytes: ...


class H264Encoder:
    """Annex B access units; a keyframe carries SPS and PPS."""

    def __init__(self, form: PictureFormat) -> None:
        self._context = av.CodecContext.create("libx264", "w")
        context = self._context
        context.width, context.height, context.pix_fmt = form.width, form.height, "yuv420p"
        context.time_base, context.framerate = Fraction(1, form.fps), Fraction(form.fps)
        context.thread_count = 1
        context.profile = "Constrained Baseline"
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = 1
        context.options = dict(_X264)
        self._count = 0

    def encode(self, frame: av.VideoFrame, key: bool) -> bytes:
        frame.pts, frame.time_base = self._count, self._context.time_base
        frame.pict_type = PictureType.I if key else PictureType.NONE
        self._count += 1
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


class ImageEncoder:
    """A complete JPEG or PNG file for each picture."""

    def __init__(self, form: PictureFormat) -> None:
        jpeg = form.codec is Codec.JPG
        self._format = "yuvj420p" if jpeg else "rgb24"
        self._context = av.CodecContext.create("mjpeg" if jpeg else "png", "w")
        context = self._context
        context.width, context.height, context.pix_fmt = form.width, form.height, self._format
        context.time_base, context.thread_count = Fraction(1, max(form.fps, 1)), 1
        if jpeg:
            context.options = {"qmin": "3", "qmax": "6"}
            context.color_range = 2
        self._count = 0

    def encode(self, frame: av.VideoFrame, key: bool) -> bytes:
        if frame.format.name != self._format:
            frame = frame.reformat(format=self._format, src_colorspace="ITU709")
        frame.pts, frame.time_base = self._count, self._context.time_base
        self._count += 1
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


def picture_encoder(form: PictureFormat) -> PictureEncoder:
    return H264Encoder(form) if form.codec is Codec.H264 else ImageEncoder(form)


class AudioEncoder:
    """Blocks of interleaved samples to the bytes of one message."""

    def __init__(self, form: AudioFormat) -> None:
        name = {Codec.G711: "pcm_alaw", Codec.G722: "g722", Codec.OPUS: "libopus"}.get(form.codec)
        self._context: av.AudioCodecContext | None = None
        self._layout = "stereo" if form.channels == 2 else "mono"
        self._rate, self._count = form.rate, 0
        if name is not None:
            context = av.CodecContext.create(name, "w")
            assert isinstance(context, av.AudioCodecContext)
            context.sample_rate, context.layout, context.format = form.rate, self._layout, "s16"
            context.time_base = Fraction(1, form.rate)
            if form.codec is Codec.OPUS:
                context.options = {"application": "voip", "frame_duration": "20"}
                context.bit_rate = 32_000 * form.channels
            self._context = context

    def encode(self, samples: NDArray[np.int16]) -> bytes:
        """`samples` is (count, channels)."""
        if self._context is None:
            return samples.astype("<i2").tobytes()
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._count, Fraction(1, self._rate)
        self._count += samples.shape[0]
        return b"".join(bytes(packet) for packet in self._context.encode(frame))
