"""The values behind the page of the pictures that guests see of a door."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from properties.models import Door, DoorPicture
from properties.models.pictures import MOST_PICTURES


@dataclass(frozen=True)
class PictureCard:
    """One picture, and what can be done with it."""

    url: str
    width: int
    height: int
    description: str
    position: int
    describe_url: str
    move_url: str  # empty for the first one
    remove_url: str


@dataclass(frozen=True)
class PicturesPage:
    """The pictures of a door, as its host sees them."""

    door_name: str
    property_name: str
    sentence: str
    pictures: list[PictureCard]
    can_add: bool
    back_url: str


def pictures_page(door: Door, pictures: Sequence[DoorPicture]) -> PicturesPage:
    """The page; `pictures` are all of the door."""
    return PicturesPage(
        door_name=door.name,
        property_name=door.property.name,
        sentence=_sentence(len(pictures)),
        pictures=[_card(picture) for picture in pictures],
        can_add=len(pictures) < MOST_PICTURES,
        back_url=reverse("properties:property", kwargs={"property_id": door.property_id}),
    )


def _sentence(count: int) -> str:
    if not count:
        return _("Guests see no picture of this door yet.")
    if count >= MOST_PICTURES:
        return _("Guests see these %(count)d pictures. To add another one, remove one.") % {"count": count}
    words = ngettext("Guests see this picture.", "Guests see these %(count)d pictures in this order.", count)
    return words % {"count": count}


def _card(picture: DoorPicture) -> PictureCard:
    where = {"picture_id": picture.pk}
    return PictureCard(
        url=reverse("access:picture", kwargs=where),
        width=picture.width,
        height=picture.height,
        description=picture.description,
        position=picture.position,
        describe_url=reverse("access:describe_picture", kwargs=where),
        move_url=reverse("access:move_picture", kwargs=where) if picture.position > 1 else "",
        remove_url=reverse("access:remove_picture", kwargs=where),
    )
