"""The values behind the page on which hosts write their own words for messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import AuditEntry, MessageKind, MessageWords
from access.placeholders import Variable
from access.shown import Chip, Tone
from properties import languages
from properties.text_pages import LanguageLink, language_links


@dataclass(frozen=True)
class KindLink:
    """One kind of message to switch to."""

    word: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class VariableHelp:
    """A word in braces and what it stands for."""

    written: str
    word: str


@dataclass(frozen=True)
class TrialLine:
    """The last test message and what became of it."""

    chip: Chip
    at: datetime


@dataclass(frozen=True)
class WordsView:
    """A business's own words for one kind of message in one language."""

    kinds: list[KindLink]
    languages: list[LanguageLink]
    language_name: str
    sentence: str
    variables: list[VariableHelp]
    save_url: str
    preview_url: str
    try_url: str
    own_address: str
    trial: TrialLine | None


def words_view(
    kind: MessageKind,
    language: str,
    rows: Iterable[MessageWords],
    *,
    own_address: str,
    last_trial: tuple[AuditEntry, str] | None,
) -> WordsView:
    """The page; `rows` are the words of this kind in all languages."""
    written = {row.language for row in rows}
    return WordsView(
        kinds=[
            KindLink(kind_word(one), address("access:message_words", one, language), one == kind)
            for one in MessageKind
        ],
        languages=language_links(
            f"{reverse('access:message_words')}?{urlencode({'kind': kind})}", language, written
        ),
        language_name=languages.NAMES[language],
        sentence=_sentence(language, written),
        variables=[VariableHelp(f"{{{one}}}", variable_word(one)) for one in Variable],
        save_url=address("access:message_words", kind, language),
        preview_url=address("access:preview_message", kind, language),
        try_url=address("access:try_message", kind, language),
        own_address=own_address,
        trial=_trial_line(*last_trial) if last_trial else None,
    )


def address(name: str, kind: MessageKind, language: str) -> str:
    """Where something is about one kind of message in one language."""
    return f"{reverse(name)}?{urlencode({'kind': kind, 'language': language})}"


def kind_word(kind: MessageKind) -> str:
    """A kind of message as hosts call it."""
    return {
        MessageKind.ACCESS_READY: _("The code is ready"),
        MessageKind.ACCESS_CHANGED: _("The stay has changed"),
        MessageKind.NEW_CODE: _("The code is another"),
        MessageKind.APP_INVITE: _("The app invitation is another"),
        MessageKind.STAY_CANCELLED: _("The stay is cancelled"),
        MessageKind.REMINDER: _("Reminder"),
        MessageKind.THANK_YOU: _("Thanks"),
        MessageKind.BACKUP_CODE: _("The backup code"),
    }[kind]


def variable_word(variable: Variable) -> str:
    """What a word in braces stands for."""
    return {
        Variable.GUEST: _("the guest's name"),
        Variable.UNIT: _("the unit"),
        Variable.PROPERTY: _("the property"),
        Variable.ARRIVAL: _("day and time of arrival"),
        Variable.DEPARTURE: _("day and time of departure"),
    }[variable]


def _sentence(language: str, written: set[str]) -> str:
    """Whose words guests of this language read."""
    name, other = languages.NAMES[language], languages.nearest(language, written)
    if not other:
        return _("You have not written anything yet: guests read our words.")
    if other != language:
        return _("%(language)s is empty: guests read your words in %(other)s.") % {
            "language": name,
            "other": languages.NAMES[other],
        }
    return _("Guests who read %(language)s get your words.") % {"language": name}


def _trial_line(entry: AuditEntry, answer: str) -> TrialLine:
    if not answer:
        return TrialLine(Chip(Tone.MOVING, _("Being sent")), entry.at)
    if answer == "accepted":
        return TrialLine(Chip(Tone.READY, _("Sent")), entry.at)
    return TrialLine(Chip(Tone.LOOK, _("The mail server did not take it. Try again later.")), entry.at)
