"""The pages that say what went wrong: they need neither database nor session nor the rest of Keyturn."""

import re
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connections
from django.db.backends.utils import CursorWrapper
from django.template.loader import render_to_string
from django.test import Client

from tests.visitors import SCRIPT, check_page, words

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


@pytest.fixture
def without_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def gone(*_: object) -> None:
        raise DatabaseError("the connection was lost")

    monkeypatch.setattr(CursorWrapper, "execute", gone)
    yield
    connections.close_all()


@pytest.mark.parametrize("name", PAGES)
def test_each_stands_alone(name: str) -> None:
    page = render_to_string(name)

    assert page.count("<h1>") == 1
    assert re.findall(r'href="/"', page) or name == "403_csrf.html"
    assert SCRIPT.findall(page) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("without_database")
def test_without_a_database_people_read_that_their_codes_keep_working() -> None:
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32

    answer = browser.get("/b/harbour-stays/stays/7")

    assert answer.status_code == 500
    assert "The codes that are on your doors stay there and keep working." in words(answer)
    check_page(answer)


@pytest.mark.django_db
@pytest.mark.usefixtures("without_database")
def test_without_a_database_a_page_that_is_not_there_still_says_so() -> None:
    answer = Client().get("/no/such/page")

    assert answer.status_code == 404
    assert "There is nothing here" in words(answer)
