"""Adding and removing the pictures that guests see of a door, and their order."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F

from access import audit
from access.models import AuditKind
from properties.images import SmallPicture
from properties.models import Door, DoorPicture, User
from properties.models.pictures import MOST_PICTURES


class DoorHasEnoughPictures(Exception):
    """No door has more than MOST_PICTURES."""


@transaction.atomic(durable=True)
def add(*, door: Door, picture: SmallPicture, description: str, added_by: User, now: datetime) -> None:
    """Put a picture behind the others of a door; the same one is there once. Raises DoorHasEnoughPictures."""
    held = _hold(door.pk)
    digest = sha256(picture.webp).hexdigest()
    there = DoorPicture.objects.filter(door=held)
    if there.filter(digest=digest).exists():
        return
    count = there.count()
    if count >= MOST_PICTURES:
        raise DoorHasEnoughPictures
    DoorPicture.objects.create(
        organization_id=held.organization_id,
        door=held,
        position=count + 1,
        description=description,
        webp=picture.webp,
        digest=digest,
        width=picture.width,
        height=picture.height,
        added_at=now,
    )
    audit.about_door(AuditKind.PICTURE_ADDED, held, by=added_by, answer="", now=now)


@transaction.atomic(durable=True)
def describe(*, picture: DoorPicture, description: str) -> None:
    """Say otherwise what a picture shows."""
    DoorPicture.objects.filter(pk=picture.pk).update(description=description)


@transaction.atomic(durable=True)
def move_up(*, picture: DoorPicture, from_position: int) -> None:
    """Show a picture before the one that stands before it, if it still stands where it was seen."""
    _hold(picture.door_id)
    there = DoorPicture.objects.filter(door=picture.door_id)
    if from_position == 1 or not there.filter(pk=picture.pk, position=from_position).exists():
        return
    there.filter(position=from_position - 1).update(position=from_position)
    there.filter(pk=picture.pk).update(position=from_position - 1)


@transaction.atomic(durable=True)
def remove(*, picture: DoorPicture, removed_by: User, now: datetime) -> None:
    """Show and keep a picture no longer; those behind it move up."""
    held = _hold(picture.door_id)
    there = DoorPicture.objects.filter(door=held)
    position = there.filter(pk=picture.pk).values_list("position", flat=True).first()
    if position is None:
        return
    there.filter(pk=picture.pk).delete()
    there.filter(position__gt=position).update(position=F("position") - 1)
    audit.about_door(AuditKind.PICTURE_REMOVED, held, by=removed_by, answer="", now=now)


def _hold(door_id: int) -> Door:
    """Of two who change the pictures of a door at once the later one sees what the other did."""
    return Door.objects.select_for_update().get(pk=door_id)
