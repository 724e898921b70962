"""Reads fail closed in Python: outside a scope they raise, inside one they show one organization's rows."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import ScopeError, scopes_disabled

from properties import tenancy
from properties.models import OrganizationOwned
from properties.postgresql.whose import EVERYBODY
from tests.tenancy.conftest import TwoBusinesses

OWNED: list[Any] = [model for model in apps.get_models() if issubclass(model, OrganizationOwned)]
each_owned_model = pytest.mark.parametrize("model", OWNED, ids=lambda model: model._meta.label)


def whose() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('keyturn.organization', true)")
        (setting,) = cursor.fetchone()
    return setting or ""


def tell_the_database(whose_rows: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('keyturn.organization', %s, false)", [whose_rows])


def test_there_are_models_that_belong_to_organizations() -> None:
    names = {model._meta.label for model in OWNED}

    assert names >= {
        "access.AuditEntry",
        "access.Grant",
        "access.Guest",
        "access.Message",
        "access.Stay",
        "properties.Door",
        "properties.NukiAccount",
        "properties.Property",
        "properties.SmartLock",
        "properties.Unit",
        "properties.UnitDoor",
    }


def test_every_model_with_an_organization_belongs_to_it_but_what_says_which_scope_to_open() -> None:
    with_organization = {
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "organization" for field in model._meta.get_fields() if field.concrete)
    }

    assert with_organization - {model._meta.label for model in OWNED} == {
        "properties.ApiKey",
        "properties.Membership",
    }


@each_owned_model
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda rows: rows.count(), id="counting"),
        pytest.param(lambda rows: list(rows.all()), id="listing"),
        pytest.param(lambda rows: rows.filter(pk=1).exists(), id="looking one up"),
        pytest.param(lambda rows: rows.update(organization_id=1), id="updating"),
        pytest.param(lambda rows: rows.all().delete(), id="deleting"),
    ],
)
def test_outside_a_scope_reading_raises(model: Any, read: Any) -> None:
    with pytest.raises(ScopeError):
        read(model.objects)


@each_owned_model
@pytest.mark.django_db
def test_outside_a_scope_the_database_shows_nothing_to_what_goes_around_managers(model: Any) -> None:
    assert model._base_manager.count() == 0


def test_the_two_businesses_have_something_of_everything(both: TwoBusinesses) -> None:
    with tenancy.across_organizations(because="the test looks at both"):
        missing = [
            (business.organization.name, model._meta.label)
            for business in (both.alice, both.charlie)
            for model in OWNED
            if not model.objects.filter(organization=business.organization).exists()
        ]

    assert missing == []  # a new model needs a row in tests/tenancy/conftest.py, or these tests prove nothing


def test_each_layer_alone_shows_only_rows_of_the_open_scope(both: TwoBusinesses) -> None:
    ours = both.alice.organization
    with tenancy.across_organizations(because="the test counts both"):
        expected = {model: model.objects.filter(organization=ours).count() for model in OWNED}
        all_rows = {model: model.objects.count() for model in OWNED}

    with tenancy.within(ours):
        by_both = {model: model.objects.count() for model in OWNED}
        with scopes_disabled():
            by_the_database = {model: model.objects.count() for model in OWNED}
        tell_the_database(EVERYBODY)
        by_the_managers = {model: model.objects.count() for model in OWNED}
        foreign = {model: model.objects.exclude(organization=ours).count() for model in OWNED}
        tell_the_database(str(ours.pk))

    assert by_both == by_the_database == by_the_managers == expected
    assert set(foreign.values()) == {0}
    assert all(all_rows[model] > expected[model] > 0 for model in OWNED)


def test_rows_of_another_organization_are_not_there_by_their_keys(both: TwoBusinesses) -> None:
    with tenancy.within(both.charlie.organization):
        foreign = {model: list(model.objects.values_list("pk", flat=True)) for model in OWNED}

    with tenancy.within(both.alice.organization):
        found = {model: model.objects.filter(pk__in=foreign[model]).count() for model in OWNED}

    assert all(foreign.values())
    assert found == dict.fromkeys(OWNED, 0)


def test_the_scope_before_is_restored_after_nesting(both: TwoBusinesses) -> None:
    ours, theirs = both.alice.organization, both.charlie.organization
    seen = [whose()]

    with tenancy.within(ours):
        seen.append(whose())
        with tenancy.within(theirs):
            seen.append(whose())
            with tenancy.across_organizations(because="the test nests"):
                seen.append(whose())
                with tenancy.within(ours):
                    seen.append(whose())
                seen.append(whose())
            seen.append(whose())
        seen.append(whose())
    seen.append(whose())

    alice, charlie = str(ours.pk), str(theirs.pk)
    assert seen == ["", alice, charlie, "*", alice, "*", charlie, alice, ""]


def test_the_scope_before_is_restored_after_an_exception(both: TwoBusinesses) -> None:
    with tenancy.within(both.alice.organization):
        with pytest.raises(ZeroDivisionError), tenancy.across_organizations(because="it fails"):
            _ = 1 / 0
        inside = (whose(), OWNED[0].objects.exclude(organization=both.alice.organization).count())
        with pytest.raises(ZeroDivisionError), tenancy.within(both.charlie.organization):
            _ = 1 / 0
        inside_again = whose()

    assert inside == (str(both.alice.organization.pk), 0)
    assert inside_again == str(both.alice.organization.pk)
    assert whose() == ""
    with pytest.raises(ScopeError):
        OWNED[0].objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_broke_inside_a_scope_leaves_none_behind() -> None:
    with tenancy.across_organizations(because="the connection breaks inside"):
        inside = whose()
        connection.connection.close()
    with pytest.raises(OperationalError):
        whose()
    close_old_connections()  # as each request and each task begins

    assert (inside, whose()) == ("*", "")


@pytest.mark.django_db(transaction=True)
def test_what_a_rollback_took_back_is_told_again() -> None:
    with tenancy.across_organizations(because="the test looks at what the database was told"):
        inside = told_and_taken_back()
        after = whose()
        with transaction.atomic():
            tenancy.write(7, "SELECT 1", [])
            of_all = whose()
            told_and_taken_back()
            again = whose()

    assert (inside, after, of_all, again) == ("*", "*", "*", "*")
    assert whose() == ""


def told_and_taken_back() -> str:
    """What the database knows in a transaction that is rolled back."""
    with transaction.atomic():
        inside = whose()
        tell_the_database("")
        transaction.set_rollback(True)
    return inside


@pytest.mark.django_db(transaction=True)
def test_a_new_session_is_told_too() -> None:
    with tenancy.across_organizations(because="the test looks at what the database was told"):
        seen = [whose()]
        connection.close()
        seen.append(whose())

    assert seen == ["*", "*"]


@pytest.mark.django_db
def test_the_database_is_told_once_and_only_if_somebody_asks_it() -> None:
    with CaptureQueriesContext(connection) as made:
        for _ in range(3):
            with tenancy.across_organizations(because="nobody asks the database"):
                pass
        with tenancy.across_organizations(because="it is asked twice"):
            whose()
            whose()

    assert [query["sql"].partition("(")[0] for query in made] == [
        "SELECT set_config",
        "SELECT current_setting",
        "SELECT current_setting",
    ]


@pytest.mark.django_db(transaction=True)
def test_an_error_of_the_database_inside_a_scope_leaves_no_scope_behind() -> None:
    with (
        pytest.raises(DatabaseError),
        tenancy.across_organizations(because="the statement is wrong"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT no_such_column FROM properties_organization")

    assert whose() == ""
