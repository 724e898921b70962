"""The catalogues are in step with code and templates, and the compiled ones with them: `make messages`."""

import re
from datetime import UTC, datetime
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import formats, translation
from django.utils.translation.trans_real import DjangoTranslation

from properties import dates, languages
from scripts import messages

OTHER_VOICES = {
    "fr": r"tu|te|toi|ton|ta|tes",
    "it": r"tu|ti|tuo|tua|Lei|Suo|Sua|La preghiamo",
    "es": r"usted|su|sus|le|vuestro|vuestra",
    "nl": r"u|uw|jij|jouw",
    "pt": r"você|tu|teu|tua|ti",
    "cs": r"ty|ti|tvůj|tvá|tvé|tvoje|vás|váš|vaše|vám",
    "pl": r"ty|ci|twój|twoja|twoje|twojego|pan|pani",
    "da": r"Dem|Deres|jer|jeres",
    "sv": r"ni|er|ert|era",
    "fi": r"te|teidän|teille|Teidän",
}
FRIDAY = datetime(2026, 6, 5, 13, 0, tzinfo=UTC)

CATALOGUES = [
    pytest.param(app, language, id=f"{app} {language}")
    for language in (*messages.LANGUAGES, *messages.FOR_GUESTS)
    for app in messages.said(language)
]


def both_sides(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each text of the code beside its translation; of plurals the last form, which names the number."""
    if entry.msgid_plural:
        return [(entry.msgid_plural, entry.msgstr_plural[max(entry.msgstr_plural)])]
    return [(entry.msgid, entry.msgstr)]


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_the_catalogue_has_what_the_code_says(app: str, language: str) -> None:
    path = messages.catalogue_path(app, language)

    updated = messages.updated(path, messages.said(language)[app], language)

    assert str(updated) == str(polib.pofile(str(path), wrapwidth=messages.WIDTH)), "run `make messages`"


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_the_compiled_catalogue_is_the_written_one(app: str, language: str) -> None:
    written = polib.pofile(str(messages.catalogue_path(app, language)))

    assert messages.compiled_path(app, language).read_bytes() == written.to_binary(), "run `make messages`"


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_nothing_is_left_to_translate(app: str, language: str) -> None:
    catalogue = polib.pofile(str(messages.catalogue_path(app, language)))

    assert messages.gaps(catalogue) == []


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_translations_fill_in_what_the_code_gives(app: str, language: str) -> None:
    catalogue = polib.pofile(str(messages.catalogue_path(app, language)))

    differing = [
        text
        for entry in catalogue.translated_entries()
        for text, translated in both_sides(entry)
        if messages.placeholders(text) != messages.placeholders(translated)
    ]

    assert differing == []


@pytest.mark.parametrize("language", [*messages.LANGUAGES, *messages.FOR_GUESTS])
def test_translations_begin_and_end_as_the_text_does(language: str) -> None:
    entries = [
        entry
        for app in messages.said(language)
        for entry in polib.pofile(str(messages.catalogue_path(app, language))).translated_entries()
    ]

    differing = [
        text
        for entry in entries
        for text, translated in both_sides(entry)
        if (text[:1] == "\n", text[-1:] in "\n.:?") != (translated[:1] == "\n", translated[-1:] in "\n.:?")
    ]

    assert differing == []


@pytest.mark.parametrize("language", messages.FOR_GUESTS)
def test_guests_are_addressed_in_one_way(language: str) -> None:
    catalogue = polib.pofile(str(messages.catalogue_path("access", language)))
    other = re.compile(rf"\b(?:{OTHER_VOICES[language]})\b")

    assert [entry.msgstr for entry in catalogue if other.search(entry.msgstr)] == []


def test_languages_to_choose_are_those_with_catalogues() -> None:
    assert {language for language, name in settings.LANGUAGES} == {"en", *messages.LANGUAGES}
    assert list(languages.NAMES) == ["en", *messages.LANGUAGES, *messages.FOR_GUESTS]


@pytest.mark.parametrize("language", messages.FOR_GUESTS)
def test_a_language_that_only_guests_read_has_a_catalogue_of_what_they_read(language: str) -> None:
    said = messages.said(language)

    everything = messages.said("de")
    assert set(said) <= {"access", messages.OF_LIBRARIES}
    assert {message.key for message in said["access"]} < {
        message.key for places in everything.values() for message in places
    }


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        pytest.param("fr", 0, "dans 0 minute", id="French has nothing as one"),
        pytest.param("cs", 1, "za 1 minutu", id="Czech one"),
        pytest.param("cs", 3, "za 3 minuty", id="Czech few"),
        pytest.param("cs", 5, "za 5 minut", id="Czech many"),
        pytest.param("pl", 22, "za 22 minuty", id="Polish few"),
        pytest.param("pl", 12, "za 12 minut", id="Polish teens"),
        pytest.param("da", 2, "om 2 minutter", id="Danish two"),
    ],
)
def test_a_count_has_the_form_of_its_language(language: str, count: int, words: str) -> None:
    with translation.override(language):
        said = translation.ngettext("in %(count)d minute", "in %(count)d minutes", count)

    assert said % {"count": count} == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Friday, 5 June, 15:00"),
        ("de", "Freitag, 5. Juni, 15:00"),
        ("fr", "vendredi 5 juin, 15:00"),
        ("it", "venerdì 5 giugno, 15:00"),
        ("es", "viernes 5 de junio, 15:00"),
        ("nl", "vrijdag 5 juni, 15:00"),
        ("pt", "sexta-feira, 5 de junho, 15:00"),
        ("cs", "5. června (pátek), 15:00"),
        ("pl", "5 czerwca (piątek), 15:00"),
        ("da", "fredag den 5. juni kl. 15.00"),
        ("sv", "fredag 5 juni kl. 15:00"),
        ("fi", "pe 5. kesäkuuta klo 15.00"),
    ],
)
def test_a_moment_is_written_as_its_language_does(language: str, words: str) -> None:
    with translation.override(language):
        assert dates.in_words(FRIDAY, "Europe/Vienna", "LONG_WEEKDAY_CLOCK") == words


def test_every_language_writes_every_kind_of_date() -> None:
    english = formats.get_format_modules("en")[0]
    kinds = [name for name in vars(english) if name.isupper()]

    unwritten = [
        (language, kind)
        for language in languages.NAMES
        for kind in kinds
        if formats.get_format(kind, language) == kind
    ]

    assert unwritten == []


@pytest.mark.parametrize("language", languages.NAMES)
def test_a_text_that_nobody_has_translated_is_shown_in_english(language: str) -> None:
    with translation.override(language):
        assert translation.gettext("No catalogue has this.") == "No catalogue has this."


def test_what_is_missing_or_out_of_date_is_listed_and_shown_in_english(tmp_path: Path) -> None:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="Missing", msgstr=""))
    catalogue.append(polib.POEntry(msgid="Old", msgstr="Vieux", flags=["fuzzy"]))
    catalogue.append(polib.POEntry(msgid="Good", msgstr="Bon"))
    compiled = tmp_path / "fr" / "LC_MESSAGES" / "texts.mo"
    compiled.parent.mkdir(parents=True)

    catalogue.save_as_mofile(str(compiled))

    french = DjangoTranslation("fr", domain="texts", localedirs=[str(tmp_path)])
    assert messages.gaps(catalogue) == ["Missing", "Old"]
    assert [french.gettext(text) for text in ("Missing", "Old", "Good")] == ["Missing", "Old", "Bon"]
