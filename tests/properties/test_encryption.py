"""What is encrypted stays so in the database, through changes of keys, and says so when a key is gone."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection
from pytest_django.fixtures import Settings

from properties import encryption
from properties.encryption import CannotDecrypt, EncryptedTextField, digest
from properties.models import NukiAccount
from tests.timeline import Timeline
from tests.worlds import Business, code_of

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "alice-token"


@pytest.fixture(autouse=True)
def keys_are_read_anew() -> Iterator[None]:
    forget_keys()
    yield
    forget_keys()


def forget_keys() -> None:
    encryption._fernet.cache_clear()
    encryption._digest_key.cache_clear()
    encryption._link_key.cache_clear()


def use_keys(settings: Settings, *keys: str) -> None:
    settings.FIELD_KEYS = list(keys)
    forget_keys()


def stored_token(account: NukiAccount) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM properties_nukiaccount WHERE id = %s", [account.pk])
        (text,) = cursor.fetchone()
    return str(text)


def store_token(account: NukiAccount, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE properties_nukiaccount SET token = %s WHERE id = %s", [text, account.pk])


def token_of(account: NukiAccount) -> str:
    return NukiAccount.objects.get(pk=account.pk).token


def test_a_token_comes_back_as_it_was_put_in_and_is_not_in_the_database(alice: Business) -> None:
    stored = stored_token(alice.account)

    assert token_of(alice.account) == TOKEN
    assert TOKEN not in stored
    assert stored.startswith("gAAAA")


def test_no_column_of_any_encrypted_field_holds_the_plain_text(alice: Business, timeline: Timeline) -> None:
    stay = alice.book(now=timeline.now)
    NukiAccount.objects.update(webhook_secret="s3cret")
    plain = {TOKEN, "s3cret", code_of(stay)}
    fields = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    ]

    columns: list[list[str]] = []
    with connection.cursor() as cursor:
        for table, column in fields:
            cursor.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608  names of our own models
            columns.append([text for (text,) in cursor.fetchall() if text])

    assert len(fields) >= 3
    for texts in columns:
        assert not plain & set(texts)
        assert all(text.startswith("gAAAA") for text in texts)


def test_an_empty_text_stays_empty(alice: Business) -> None:
    NukiAccount.objects.update(webhook_secret="")

    assert NukiAccount.objects.get(pk=alice.account.pk).webhook_secret == ""


def test_equal_texts_do_not_look_equal(alice: Business) -> None:
    first = stored_token(alice.account)

    NukiAccount.objects.update(token=TOKEN)

    assert stored_token(alice.account) != first
    assert token_of(alice.account) == TOKEN


def test_the_first_key_encrypts_and_all_keys_decrypt(alice: Business, settings: Settings) -> None:
    use_keys(settings, OLD)
    NukiAccount.objects.update(token="under-the-old-key")
    use_keys(settings, NEW, OLD)
    read_by_both = token_of(alice.account)
    NukiAccount.objects.update(token="under-the-new-key")

    use_keys(settings, NEW)

    assert read_by_both == "under-the-old-key"
    assert token_of(alice.account) == "under-the-new-key"


def test_a_key_that_was_removed_too_early_is_named_as_what_it_is(alice: Business, settings: Settings) -> None:
    use_keys(settings, OLD)
    NukiAccount.objects.update(token="under-the-old-key", webhook_secret="")

    use_keys(settings, NEW)

    with pytest.raises(CannotDecrypt, match=r"^NukiAccount\.token$"):
        token_of(alice.account)


@pytest.mark.parametrize("damaged", ["plain", "gAAAAA", "gAAAAAé", "x" * 200])
def test_a_damaged_value_is_named_as_what_it_is(alice: Business, damaged: str) -> None:
    store_token(alice.account, damaged)

    with pytest.raises(CannotDecrypt, match=r"^NukiAccount\.token$"):
        token_of(alice.account)


def test_a_digest_is_the_same_every_time_and_tells_nothing() -> None:
    first = digest("384174")

    forget_keys()

    assert digest("384174") == first
    assert digest("384175") != first
    assert len(first) == 64
    assert "384174" not in first


def test_a_digest_differs_with_the_secret_key_and_not_with_the_field_keys(settings: Settings) -> None:
    first = digest("384174")
    use_keys(settings, NEW)
    with_another_field_key = digest("384174")
    settings.SECRET_KEY = "another-" * 8
    forget_keys()

    assert with_another_field_key == first
    assert digest("384174") != first


def test_the_token_of_a_link_is_made_again_with_other_field_keys_and_not_with_another_secret(
    settings: Settings,
) -> None:
    first = encryption.link_token("a nonce")

    use_keys(settings, NEW)
    again, other_nonce = encryption.link_token("a nonce"), encryption.link_token("another nonce")
    settings.SECRET_KEY = "another secret"
    forget_keys()
    other_secret = encryption.link_token("a nonce")

    assert first == again
    assert len({first, other_nonce, other_secret}) == 3
    assert {len(token) for token in (first, other_nonce, other_secret)} == {32}
