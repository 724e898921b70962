"""Making a small picture of what people send: upright, without anything that its file tells besides.

What came is decoded and drawn anew, so nothing of the file itself is kept: no place, no time, no trick.
"""

from dataclasses import dataclass
from io import BytesIO
from struct import error as BrokenNumbers  # noqa: N812  what Pillow raises for a broken header
from threading import Lock
from typing import IO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000  # what a telephone takes at most; one byte on the wire can be a thousand pixels
MOST_SCANS = 100  # of a JPEG, each of which is as much work as the whole; cameras make ten
MOST_BYTES = 25_000  # of the small picture: a second on a bad connection
# longest side in pixels, and quality: the first that is small enough is taken
STEPS = ((800, 78), (800, 60), (800, 45), (640, 50), (640, 35), (480, 40), (320, 40), (240, 20))
START_OF_SCAN = b"\xff\xda"
WHITE = (255, 255, 255)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
_one_at_a_time = Lock()  # a decoded picture is large: of a process's memory there is never more than one


class NotAPicture(Exception):
    """The file is none of the formats, or broken."""


class TooManyPixels(Exception):
    """The picture is larger than any that a camera takes."""


@dataclass(frozen=True)
class SmallPicture:
    """A picture as WebP, of MOST_BYTES at most."""

    webp: bytes
    width: int
    height: int


def small(file: IO[bytes]) -> SmallPicture:
    """The picture in a file, small. Raises NotAPicture, TooManyPixels."""
    with _one_at_a_time:
        try:
            return _packed(_upright(file))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise TooManyPixels from None
        except (OSError, SyntaxError, ValueError, EOFError, BrokenNumbers):
            raise NotAPicture from None


def _upright(file: IO[bytes]) -> Image.Image:
    """The pixels and nothing else, as they were meant to be looked at, on white where one sees through."""
    with Image.open(file, formats=FORMATS) as found:
        if found.width * found.height > MOST_PIXELS:
            raise TooManyPixels
        if found.format in {"JPEG", "MPO"} and _scans(file) > MOST_SCANS:
            raise NotAPicture
        longest = STEPS[0][0]
        found.draft("RGB", (longest, longest))  # a JPEG is read at an eighth of its size at once
        is_seen_through = found.has_transparency_data
        image: Image.Image = found.convert("RGBA" if is_seen_through else "RGB")
        image.thumbnail((longest, longest))
        turned = ImageOps.exif_transpose(image)
    drawn = Image.new("RGB", turned.size, WHITE)
    drawn.paste(turned, mask=turned.getchannel("A") if is_seen_through else None)
    return drawn


def _scans(file: IO[bytes]) -> int:
    at = file.tell()
    file.seek(0)
    count = file.read().count(START_OF_SCAN)
    file.seek(at)
    return count


def _packed(image: Image.Image) -> SmallPicture:
    webp = b""
    for longest, quality in STEPS:
        image.thumbnail((longest, longest))
        kept = BytesIO()
        image.save(kept, "WEBP", quality=quality)
        webp = kept.getvalue()
        if len(webp) <= MOST_BYTES:
            break
    return SmallPicture(webp, image.width, image.height)
