"""Every address and method of the API, and who gets which answer: a new one needs a row here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from access import audit
from access.api.ids import Kind
from access.api.operations import operation_of
from access.api.views import ApiView
from access.models import AuditKind, Message, Stay, WebhookDelivery
from nuki_gateway.simulator import TurnedClock
from properties import api_keys, tenancy
from properties.api_scopes import Scope
from properties.models import ApiKey, Invitation, Membership
from properties.roles import Role
from tests import crowd
from tests.access.api import programs
from tests.access.api.programs import V1, Program, problem
from tests.tenancy.conftest import Neighbours, TwoBusinesses, both, neighbours
from tests.timeline import Timeline
from tests.worlds import Business

pytestmark = pytest.mark.slow  # a walk over everything

__all__ = ["both", "neighbours"]  # fixtures

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FEW, MANY = 10, 100
MOST_QUERIES = 12
CANARIES = ("Lindgren", "charlie", "lindgren")
WITH_BODY = ("/stays", "/bulk-upsert", "/invitations")  # POSTs that need one
# method, address, scope; a new operation needs a line
ROUTES: dict[tuple[str, str], Scope] = {
    ("GET", "/organization"): Scope.READ,
    ("GET", "/properties"): Scope.READ,
    ("GET", "/properties/<property_id>"): Scope.READ,
    ("GET", "/units"): Scope.READ,
    ("GET", "/units/<unit_id>"): Scope.READ,
    ("GET", "/doors"): Scope.READ,
    ("GET", "/doors/<door_id>"): Scope.READ,
    ("GET", "/locks"): Scope.READ,
    ("GET", "/locks/<lock_id>"): Scope.READ,
    ("POST", "/locks/<lock_id>/sync"): Scope.LOCKS,
    ("POST", "/locks/<lock_id>/unlock"): Scope.UNLOCK,
    ("GET", "/lock-actions/<action_id>"): Scope.READ,
    ("GET", "/nuki-accounts"): Scope.READ,
    ("GET", "/nuki-accounts/<account_id>"): Scope.READ,
    ("GET", "/guests"): Scope.READ,
    ("GET", "/guests/<guest_id>"): Scope.READ,
    ("PATCH", "/guests/<guest_id>"): Scope.STAYS,
    ("GET", "/stays"): Scope.READ,
    ("POST", "/stays"): Scope.STAYS,
    ("GET", "/stays/<stay_id>"): Scope.READ,
    ("PATCH", "/stays/<stay_id>"): Scope.STAYS,
    ("POST", "/stays/<stay_id>/cancel"): Scope.STAYS,
    ("POST", "/stays/<stay_id>/resend"): Scope.STAYS,
    ("POST", "/stays/<stay_id>/new-code"): Scope.STAYS,
    ("POST", "/stays/<stay_id>/reveal-code"): Scope.CODES,
    ("GET", "/stays/<stay_id>/grants"): Scope.READ,
    ("POST", "/stays/bulk-upsert"): Scope.STAYS,
    ("GET", "/stays/by-external-id/<external_id>"): Scope.READ,
    ("PUT", "/stays/by-external-id/<external_id>"): Scope.STAYS,
    ("GET", "/messages"): Scope.READ,
    ("GET", "/messages/<message_id>"): Scope.READ,
    ("GET", "/activity"): Scope.READ,
    ("GET", "/alerts"): Scope.READ,
    ("GET", "/audit"): Scope.ADMIN,
    ("GET", "/memberships"): Scope.ADMIN,
    ("POST", "/memberships/<membership_id>/remove"): Scope.ADMIN,
    ("GET", "/invitations"): Scope.ADMIN,
    ("POST", "/invitations"): Scope.ADMIN,
    ("POST", "/invitations/<invitation_id>/withdraw"): Scope.ADMIN,
    ("GET", "/webhook-endpoints"): Scope.ADMIN,
    ("POST", "/webhook-endpoints"): Scope.ADMIN,
    ("GET", "/webhook-endpoints/<endpoint_id>"): Scope.ADMIN,
    ("PATCH", "/webhook-endpoints/<endpoint_id>"): Scope.ADMIN,
    ("DELETE", "/webhook-endpoints/<endpoint_id>"): Scope.ADMIN,
    ("POST", "/webhook-endpoints/<endpoint_id>/rotate-secret"): Scope.ADMIN,
    ("POST", "/webhook-endpoints/<endpoint_id>/test"): Scope.ADMIN,
    ("GET", "/webhook-deliveries"): Scope.ADMIN,
    ("GET", "/webhook-deliveries/<delivery_id>"): Scope.ADMIN,
    ("POST", "/webhook-deliveries/<delivery_id>/replay"): Scope.ADMIN,
    ("GET", "/webhook-events"): Scope.ADMIN,
    ("GET", "/api-keys"): Scope.ADMIN,
    ("POST", "/api-keys/<key_id>/revoke"): Scope.ADMIN,
}


@dataclass(frozen=True)
class Route:
    """One method of one address, by its template."""

    method: str
    template: str

    def path(self, ids: dict[str, str]) -> str:
        """The address of one's rows."""
        found = self.template
        for name, written in ids.items():
            found = found.replace(f"<{name}>", written)
        return found


def all_routes() -> Iterator[tuple[Route, Scope]]:
    """What the URL configuration has."""
    resolvers = (one for one in get_resolver().url_patterns if isinstance(one, URLResolver))
    resolver = next(one for one in resolvers if one.namespace == "api")
    for pattern in resolver.url_patterns:
        view = getattr(getattr(pattern, "callback", None), "view_class", None)
        if view is None or not issubclass(view, ApiView):
            continue
        template = "/" + str(pattern.pattern).removeprefix("v1/")
        for kind in (*Kind, "path"):
            template = template.replace(f"<{kind}:", "<")
        for method in METHODS:
            operation = operation_of(view, method)
            if operation is not None:
                yield Route(method, template), operation.scope


def ids_of(business: Business, key: ApiKey) -> dict[str, str]:
    """A row of the business for each id."""
    with tenancy.within(business.organization):
        stay = Stay.objects.get(organization=business.organization)
        delivery = WebhookDelivery.objects.filter(organization=business.organization).earliest("pk")
        Stay.objects.filter(pk=stay.pk).update(external_id=f"R-{business.organization.pk}")
        message = Message.objects.get(stay=stay)
        asked = audit.about_lock(
            AuditKind.OPENING_ASKED, business.locks["Flat 1"], by=business.owner, now=stay.booked_at
        )
        invitation = Invitation.objects.filter(accepted_at=None).latest("pk")
    others = Membership.objects.filter(organization=business.organization).exclude(role=Role.OWNER)
    return {
        "property_id": f"prop_{business.house.pk}",
        "unit_id": f"unit_{business.flats['Flat 1'].pk}",
        "door_id": f"door_{business.doors['Flat 1'].pk}",
        "lock_id": f"lock_{business.locks['Flat 1'].pk}",
        "guest_id": f"guest_{stay.guest_id}",
        "stay_id": f"stay_{stay.pk}",
        "external_id": f"R-{business.organization.pk}",
        "key_id": f"key_{key.pk}",
        "action_id": f"action_{asked.pk}",
        "account_id": f"account_{business.account.pk}",
        "message_id": f"message_{message.pk}",
        "membership_id": f"member_{others.latest('pk').pk}",
        "invitation_id": f"invitation_{invitation.pk}",
        "endpoint_id": f"endpoint_{delivery.endpoint_id}",
        "delivery_id": f"delivery_{delivery.pk}",
    }


def ask(program: Program, route: Route, ids: dict[str, str]) -> Any:
    """Without a body: whoever may is told what is missing, others that they may not."""
    body: dict[str, Any] | None = (
        None if route.method in {"GET", "POST"} and not route.template.endswith(WITH_BODY) else {}
    )
    return program.call(route.method, route.path(ids), body)


def test_every_route_has_a_row_here() -> None:
    found = {(route.method, route.template): scope for route, scope in all_routes()}

    assert found == ROUTES


@pytest.mark.parametrize("held", list(Scope))
def test_a_key_does_what_its_scope_is_for_and_nothing_else(
    both: TwoBusinesses, clock: TurnedClock, held: Scope
) -> None:
    key, text = programs.made(both.alice, clock.now(), scopes={held})
    program, ids = Program(clock, text), ids_of(both.alice, key)

    refused = {
        (route.method, route.template)
        for route, _ in all_routes()
        if ask(program, route, ids).status_code == 403
    }

    assert refused == {route for route, scope in ROUTES.items() if scope is not held}


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("none", "api_key_missing"),
        ("unknown", "api_key_unknown"),
        ("revoked", "api_key_revoked"),
        ("expired", "api_key_expired"),
    ],
)
def test_without_a_key_that_works_nobody_learns_or_changes_anything(
    both: TwoBusinesses, clock: TurnedClock, state: str, code: str
) -> None:
    key, text = programs.made(both.alice, clock.now(), lasts=timedelta(hours=1))
    ids = ids_of(both.alice, key)
    if state == "revoked":
        with tenancy.within(both.alice.organization):
            api_keys.revoke(key=key, revoked_by=both.alice.owner, now=clock.now())
    if state == "expired":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=clock.now())
    program = Program(clock, {"none": "", "unknown": text[:-1] + "x"}.get(state, text))

    answers = {route: ask(program, route, ids) for route, _ in all_routes()}

    assert {problem(answer) for answer in answers.values()} == {(401, code)}
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {"Bearer"}
    assert ApiKey.objects.get(pk=key.pk).last_used_at is None


def test_rows_of_another_business_are_not_there(both: TwoBusinesses, clock: TurnedClock) -> None:
    theirs, _ = programs.made(both.charlie, clock.now(), name="Lindgren's")
    program, ids = programs.of(both.alice, clock), ids_of(both.charlie, theirs)
    put = ("PUT", "/stays/by-external-id/<external_id>")  # puts one's own stay of that number

    answers = {
        (route.method, route.template): ask(program, route, ids)
        for route, _ in all_routes()
        if "<" in route.template and (route.method, route.template) != put
    }

    assert {route: one.status_code for route, one in answers.items()} == dict.fromkeys(answers, 404)
    assert len(answers) >= 15
    said = "".join(one.content.decode() for one in answers.values())
    assert [canary for canary in CANARIES if canary in said] == []
    assert ApiKey.objects.get(pk=theirs.pk).revoked_at is None


def test_no_list_has_anything_of_another_business(both: TwoBusinesses, clock: TurnedClock) -> None:
    program = programs.of(both.alice, clock)
    lists = [
        route.template for route, _ in all_routes() if route.method == "GET" and "<" not in route.template
    ]

    said = {path: program.get(path).content.decode() for path in lists}

    assert {path: canary for path, text in said.items() for canary in CANARIES if canary in text} == {}
    assert "Harbour Stays" in said["/organization"]


def test_an_id_of_the_wrong_kind_names_nothing(both: TwoBusinesses, clock: TurnedClock) -> None:
    key, text = programs.made(both.alice, clock.now())
    ids, program = ids_of(both.alice, key), Program(clock, text)
    path = f"/stays/{ids['unit_id']}"

    body = programs.two_nights(both.alice, clock.now(), unit=ids["door_id"])

    assert problem(program.get(path)) == (404, "not_found")
    assert problem(program.get(f"/stays/{ids['stay_id'].removeprefix('stay_')}")) == (404, "not_found")
    assert program.post("/stays", body).json()["errors"] == [
        {"field": "unit", "code": "invalid_id", "detail": "An id that begins with unit_ is needed here."}
    ]


@pytest.mark.timeout(120)
def test_every_answer_takes_as_many_questions_for_100_rows_as_for_10(
    both: TwoBusinesses, timeline: Timeline, clock: TurnedClock
) -> None:
    key, text = programs.made(both.alice, clock.now())
    program, ids = Program(clock, text), ids_of(both.alice, key)
    program.get("/organization")  # its use is noted once a minute
    paths = [route.path(ids) for route, _ in all_routes() if route.method == "GET"]

    def asked() -> dict[str, tuple[int, int]]:
        found = {}
        for path in paths:
            with CaptureQueriesContext(connection) as made:
                answer = program.get(path)
            found[path] = (answer.status_code, len(made))
        return found

    with tenancy.within(both.alice.organization):
        stay = Stay.objects.get(pk=both.alices_stay)
        crowd.add(both.alice, stay, first=0, count=FEW, now=timeline.now)
    for_few = asked()
    with tenancy.within(both.alice.organization):
        crowd.add(both.alice, stay, first=FEW, count=MANY - FEW, now=timeline.now)
    for_many = asked()

    assert {path: status for path, (status, _) in for_many.items() if status != 200} == {}
    assert {path: for_many[path] for path in paths if for_few[path] != for_many[path]} == {}
    assert for_many["/stays"] == (200, 5)
    assert {path: count for path, (_, count) in for_many.items() if count > MOST_QUERIES} == {}


def test_an_address_that_is_none_says_so_to_everybody(neighbours: Neighbours, clock: TurnedClock) -> None:
    nobody, program = Program(clock, ""), programs.of(neighbours.alice, clock)

    paths = ("", "/", "/stays/", "/nothing/here", "/two%0Alines")

    answers = [one.get(path) for one in (nobody, program) for path in paths]
    other_version = nobody.client.get("/api/v2/stays")

    assert {problem(one) for one in [*answers, other_version]} == {(404, "not_found")}
    assert V1 == "/api/v1"
