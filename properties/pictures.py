"""Reading the pictures of doors. Only `webp_of` reads what they show."""

from collections.abc import Iterable

from django.db.models import QuerySet

from properties.models import Door, DoorPicture


def of_door(door: Door) -> QuerySet[DoorPicture]:
    """The pictures of a door in their order."""
    return DoorPicture.objects.filter(door=door).defer("webp").order_by("position")


def by_door(door_ids: Iterable[int]) -> dict[int, list[DoorPicture]]:
    """The pictures of doors in their order, by the key of the door. One query."""
    found: dict[int, list[DoorPicture]] = {}
    rows = DoorPicture.objects.filter(door__in=list(door_ids)).defer("webp")
    for picture in rows.order_by("door", "position"):
        found.setdefault(picture.door_id, []).append(picture)
    return found


def webp_of(pictures: QuerySet[DoorPicture], number: int) -> bytes | None:
    """What is shown by that of these pictures which has this key; None where none has. One query."""
    found = pictures.filter(pk=number).values_list("webp", flat=True).first()
    return None if found is None else bytes(found)
