"""Exports: files for other programs, made from a recording at any time. Worker threads and the command line."""

from __future__ import annotations
