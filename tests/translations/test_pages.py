"""No page has a text of ours that is not translated: in brackets is what a catalogue was asked for."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import reverse
from django.utils.translation import trans_real

from access import guest_links
from access.models import Guest, Stay
from properties import clock, languages, tenancy
from tests.tenancy import addresses
from tests.tenancy.conftest import TwoBusinesses, both, neighbours  # noqa: F401  fixtures
from tests.worlds import Business

BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")
READ_ALOUD = {"alt", "aria-label", "data-copied", "placeholder", "title"}
UNSEEN = {"code", "script", "style", "svg"}  # not for people, or the words of programs
SAME_EVERYWHERE = {"Keyturn", "Nuki", "Smart Lock 3/4", "Smart Lock 5", *languages.NAMES.values()}
ENDLESS = "access:live"  # it tells ids only
GUESTS_READ_IT = "access:preview_message"  # in their language, not in the reader's
OF_THE_PERSON = (
    "account_email",
    "account_change_password",
    "account_logout",
    "mfa_index",
    "usersessions_list",
)


class Brackets(trans_real.DjangoTranslation):
    """A language in which every message stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Texts(HTMLParser):
    """What of a page is read, and what is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.aloud: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in UNSEEN
        self.aloud += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.read.append(" ".join(data.split()))


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, trans_real.DjangoTranslation] = vars(trans_real)["_translations"]
    monkeypatch.setitem(known, "de", Brackets("de"))


def rows_say() -> re.Pattern[str]:
    """Whatever text stands in some row: names, addresses, zones."""
    found = set(SAME_EVERYWHERE)
    with tenancy.across_organizations(because="the test knows what all rows say"):
        for model in apps.get_models():
            fields = [one.name for one in model._meta.get_fields() if isinstance(one, CharField | TextField)]
            for row in model._default_manager.values_list(*fields) if fields else []:
                found |= {text for text in row if isinstance(text, str) and WORD.search(text)}
    return re.compile("|".join(re.escape(text) for text in sorted(found, key=len, reverse=True)))


def untranslated(page: str, names: re.Pattern[str]) -> list[str]:
    """The lines that no catalogue was asked for, and that no row holds."""
    texts = Texts()
    texts.feed(page)
    rest = "\n".join([*texts.aloud, *texts.read])  # a message may go on behind a tag
    while BRACKETED.search(rest):  # and may hold another one
        rest = BRACKETED.sub("", rest)
    return [line for line in rest.splitlines() if WORD.search(names.sub("", line))]


def paths(business: Business) -> dict[str, str]:
    """Every page of ours, and those of the library that people reach."""
    ours = {one.name: one.of(business) for one in addresses.all_of_ours() if one.name != ENDLESS}
    ours[GUESTS_READ_IT] += "?language=de"
    return ours | {name: reverse(name) for name in OF_THE_PERSON}


@pytest.mark.usefixtures("brackets")
def test_each_text_of_a_guest_s_page_comes_from_a_catalogue(both: TwoBusinesses) -> None:  # noqa: F811  the fixture
    with tenancy.within(both.alice.organization):
        stay = Stay.objects.select_related("guest").get(pk=both.alices_stay)
        Guest.objects.filter(pk=stay.guest_id).update(language="de")
        link = guest_links.latest(stay)
        assert link is not None
        path = f"/g/{guest_links.token(link)}"
        names = rows_say()
        browser = Client(headers={"Accept-Language": "de"})
        pages = [browser.get(path), browser.post(f"{path}/code"), browser.get("/g/nobody-s")]
        guest_links.revoke(stay=stay, revoked_by=None, now=clock.now())
    pages.append(browser.get(path))

    assert [page.status_code for page in pages] == [200, 200, 404, 410]
    assert [untranslated(page.content.decode(), names) for page in pages] == [[]] * len(pages)


@pytest.mark.slow  # a walk over everything
@pytest.mark.usefixtures("brackets")
def test_each_text_of_a_page_comes_from_a_catalogue(both: TwoBusinesses) -> None:  # noqa: F811  the fixture
    browser = Client(headers={"Accept-Language": "de"})
    browser.force_login(both.alice.owner)
    names = rows_say()

    answers = {name: browser.get(path) for name, path in paths(both.alice).items()}

    pages = {name: one for name, one in answers.items() if one["Content-Type"].startswith("text/html")}
    plain = {name: untranslated(page.content.decode(), names) for name, page in pages.items()}
    assert {name: found for name, found in plain.items() if found} == {}
    assert len([page for page in pages.values() if page.status_code == 200]) > 40
