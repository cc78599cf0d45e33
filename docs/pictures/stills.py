"""Small things about files of pictures: a stand-in for what would be loaded, and a PNG made smaller."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = 48
LARGEST = 120_000
"""Bytes a picture of the documents may have."""


def placeholder() -> bytes:
    """A PNG in place of a paper's picture, which nobody loads here."""
    picture = Image.new("RGB", (320, 240), "#e4e7eb")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(50, 190), (120, 95), (165, 150), (200, 115), (270, 190)], fill="#b6bec8")
    pen.ellipse([205, 45, 245, 85], fill="#b6bec8")
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def shrink(path: Path) -> int:
    """Make a PNG one of few colours, without dots between them. Returns its size in bytes."""
    picture = Image.open(path).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, "PNG", optimize=True)
    return path.stat().st_size
