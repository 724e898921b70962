"""In which language a person reads: chosen in the settings, else as the browser asks."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from properties.models import User


class ChosenLanguage:
    """Puts pages into the language that was chosen; Django's own middleware has asked the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the person's language."""
        chosen = chosen_by(request.user)
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return self._get_response(request)


def choose(*, user: User, language: str) -> None:
    """Read in this language from now on; empty: as the browser asks."""
    User.objects.filter(pk=user.pk).update(language=language)


def chosen_by(user: Any) -> str:
    """What somebody has chosen; empty for strangers, and for a language that is not offered any more."""
    language = user.language if isinstance(user, User) else ""
    return language if language in dict(settings.LANGUAGES) else ""


def asked_for(request: HttpRequest, *, among: Collection[str]) -> str:
    """The first of these languages that the browser asks for, else the installation's."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    found = (language.partition("-")[0] for language, _weight in wanted)
    return next((language for language in found if language in among), settings.LANGUAGE_CODE)


def of_reader(user: User | None, *, otherwise: str = "") -> AbstractContextManager[None]:
    """Write to this person in their language; to the undecided in the other one, or the installation's."""
    return translation.override(chosen_by(user) or otherwise or settings.LANGUAGE_CODE)
