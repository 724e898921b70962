"""The values behind the settings page: its rooms."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from properties.roles import Right, Role, may


@dataclass(frozen=True)
class Room:
    """A page of settings of its own."""

    name: str
    sentence: str
    url: str


def rooms(role: Role) -> list[Room]:
    """The rooms that this role may enter."""
    found: list[Room] = []
    if may(role, Right.CHANGE_BUSINESS):
        found.append(
            Room(
                _("Messages to guests"),
                _("How they begin and end, in each language; a preview, and a test to you."),
                reverse("access:message_words"),
            )
        )
    if may(role, Right.CHANGE_PROPERTIES):
        found.append(
            Room(
                _("Properties"),
                _("Each house: its times, when guests are told, the way in, Wi-Fi and house rules."),
                reverse("properties:properties"),
            )
        )
    if may(role, Right.MANAGE_API_KEYS):
        found.append(
            Room(
                _("API keys"),
                _("For programs that book stays or open doors for you."),
                reverse("properties:api_keys"),
            )
        )
    if may(role, Right.MANAGE_WEBHOOKS):
        found.append(
            Room(
                _("Webhooks"),
                _("For programs that want to be told what happens, such as lights or a property system."),
                reverse("access:webhooks"),
            )
        )
    if may(role, Right.VIEW_AUDIT):
        found.append(
            Room(
                _("What was done"),
                _("Who booked, changed, opened or looked at what, and when."),
                reverse("access:audit"),
            )
        )
    return found
