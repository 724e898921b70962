"""Files as people send them when they are asked for a picture."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from access import door_pictures
from properties import images
from properties.models import Door, User

PLACE = "Hafengasse at 48.2 N"
ORIENTATION, DESCRIPTION, GPS = 0x0112, 0x010E, 0x8825  # what EXIF calls them
LEANS_RIGHT = 6  # the camera was held upright, and the rows run from top to bottom


def picture(
    size: tuple[int, int] = (1200, 900), kind: str = "JPEG", colour: Any = (200, 60, 40), **options: Any
) -> bytes:
    """A picture of one colour."""
    kept = BytesIO()
    mode = "RGBA" if len(colour) > 3 else "RGB"
    Image.new(mode, size, colour).save(kept, kind, **options)
    return kept.getvalue()


def with_place(orientation: int = LEANS_RIGHT) -> bytes:
    """What a telephone makes: it knows where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[DESCRIPTION] = PLACE
    exif[GPS] = {1: "N", 2: (48.0, 12.0, 30.0)}
    return picture(exif=exif, comment=PLACE.encode())


def sent(content: bytes, name: str = "door.jpg") -> SimpleUploadedFile:
    """The file as a form sends it."""
    return SimpleUploadedFile(name, content)


def put(
    door: Door, *, added_by: User, now: datetime, description: str = "A blue door", shade: int = 0
) -> None:
    """Have guests see a picture of the door; those of other shades are others."""
    small = images.small(BytesIO(picture((60, 40), colour=(shade, 40, 200))))
    door_pictures.add(door=door, picture=small, description=description, added_by=added_by, now=now)
