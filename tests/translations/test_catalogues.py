"""The catalogues are in step with code and templates, and the compiled ones with them: `make messages`."""

import polib
import pytest
from django.conf import settings
from django.utils import formats, translation

from scripts import messages

CATALOGUES = [
    pytest.param(app, language, id=f"{app} {language}")
    for language in messages.LANGUAGES
    for app in (*messages.SOURCES, messages.OF_LIBRARIES)
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


@pytest.mark.parametrize("language", sorted(messages.COMPLETE))
@pytest.mark.parametrize("app", [*messages.SOURCES, messages.OF_LIBRARIES])
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


@pytest.mark.parametrize("language", messages.LANGUAGES)
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


def test_languages_to_choose_are_those_with_catalogues() -> None:
    assert {language for language, name in settings.LANGUAGES} == {"en", *messages.LANGUAGES}


def test_every_language_writes_every_kind_of_date() -> None:
    english = formats.get_format_modules("en")[0]
    kinds = [name for name in vars(english) if name.isupper()]

    unwritten = [
        (language, kind)
        for language, name in settings.LANGUAGES
        for kind in kinds
        if formats.get_format(kind, language) == kind
    ]

    assert unwritten == []


def test_a_text_that_nobody_has_translated_is_shown_in_english() -> None:
    with translation.override("de"):
        assert translation.gettext("No catalogue has this.") == "No catalogue has this."
