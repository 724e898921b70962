"""The addresses of the API. What is no id of the right kind is no address."""

from typing import ClassVar

from django.urls import path, re_path, register_converter

from access.api import (
    accounts,
    asked,
    audits,
    bulk,
    docs,
    guests,
    happenings,
    ids,
    ledger,
    locks,
    own_keys,
    places,
    stays,
    team,
    webhooks,
)
from access.api.ids import Kind
from access.api.views import NotThere

app_name = "api"


class IdInPath:
    """An id of one kind."""

    kind: ClassVar[Kind]
    regex: ClassVar[str]

    def to_python(self, text: str) -> int:
        """The row's number."""
        return ids.read(self.kind, text)

    def to_url(self, number: int) -> str:
        """As programs see it."""
        return ids.made(self.kind, number)


for one in Kind:
    parts = {"kind": one, "regex": ids.pattern(one).strip("^$")}
    register_converter(type(f"{one}IdInPath", (IdInPath,), parts), one.value)


urlpatterns = [
    path("docs", docs.try_out, name="docs"),
    path("reference", docs.reference, name="reference"),
    path("redoc.js", docs.redoc, name="redoc"),
    path("openapi.yaml", docs.schema, name="schema"),
    path("v1/organization", places.OrganizationView.as_view(), name="organization"),
    path("v1/properties", places.Properties.as_view(), name="properties"),
    path("v1/properties/<prop:property_id>", places.OneProperty.as_view(), name="property"),
    path("v1/units", places.Units.as_view(), name="units"),
    path("v1/units/<unit:unit_id>", places.OneUnit.as_view(), name="unit"),
    path("v1/doors", places.Doors.as_view(), name="doors"),
    path("v1/doors/<door:door_id>", places.OneDoor.as_view(), name="door"),
    path("v1/locks", locks.Locks.as_view(), name="locks"),
    path("v1/locks/<lock:lock_id>", locks.OneLock.as_view(), name="lock"),
    path("v1/locks/<lock:lock_id>/sync", locks.Sync.as_view(), name="sync_lock"),
    path("v1/locks/<lock:lock_id>/unlock", locks.Unlock.as_view(), name="unlock_lock"),
    path("v1/lock-actions/<action:action_id>", asked.LockAction.as_view(), name="lock_action"),
    path("v1/nuki-accounts", accounts.NukiAccounts.as_view(), name="nuki_accounts"),
    path("v1/nuki-accounts/<account:account_id>", accounts.OneNukiAccount.as_view(), name="nuki_account"),
    path("v1/guests", guests.Guests.as_view(), name="guests"),
    path("v1/guests/<guest:guest_id>", guests.OneGuest.as_view(), name="guest"),
    path("v1/stays", stays.Stays.as_view(), name="stays"),
    path("v1/stays/<stay:stay_id>", stays.OneStay.as_view(), name="stay"),
    path("v1/stays/<stay:stay_id>/cancel", stays.Cancel.as_view(), name="cancel_stay"),
    path("v1/stays/<stay:stay_id>/resend", stays.Resend.as_view(), name="resend"),
    path("v1/stays/<stay:stay_id>/new-code", stays.NewCode.as_view(), name="new_code"),
    path("v1/stays/<stay:stay_id>/reveal-code", stays.RevealCode.as_view(), name="reveal_code"),
    path("v1/stays/<stay:stay_id>/grants", stays.Grants.as_view(), name="grants"),
    path("v1/stays/bulk-upsert", bulk.BulkUpsert.as_view(), name="bulk_upsert_stays"),
    path(
        "v1/stays/by-external-id/<path:external_id>", stays.ByExternalId.as_view(), name="stay_by_external_id"
    ),
    path("v1/messages", ledger.Messages.as_view(), name="messages"),
    path("v1/messages/<message:message_id>", ledger.OneMessage.as_view(), name="message"),
    path("v1/activity", happenings.ActivityList.as_view(), name="activity"),
    path("v1/alerts", happenings.AlertList.as_view(), name="alerts"),
    path("v1/audit", audits.Audit.as_view(), name="audit"),
    path("v1/memberships", team.Memberships.as_view(), name="memberships"),
    path(
        "v1/memberships/<member:membership_id>/remove", team.RemoveMember.as_view(), name="remove_membership"
    ),
    path("v1/invitations", team.Invitations.as_view(), name="invitations"),
    path(
        "v1/invitations/<invitation:invitation_id>/withdraw",
        team.Withdraw.as_view(),
        name="withdraw_invitation",
    ),
    path("v1/webhook-endpoints", webhooks.Endpoints.as_view(), name="webhook_endpoints"),
    path(
        "v1/webhook-endpoints/<endpoint:endpoint_id>",
        webhooks.OneEndpoint.as_view(),
        name="webhook_endpoint",
    ),
    path(
        "v1/webhook-endpoints/<endpoint:endpoint_id>/rotate-secret",
        webhooks.RotateSecret.as_view(),
        name="rotate_webhook_secret",
    ),
    path(
        "v1/webhook-endpoints/<endpoint:endpoint_id>/test",
        webhooks.TryEndpoint.as_view(),
        name="test_webhook_endpoint",
    ),
    path("v1/webhook-deliveries", webhooks.Deliveries.as_view(), name="webhook_deliveries"),
    path(
        "v1/webhook-deliveries/<delivery:delivery_id>",
        webhooks.OneDelivery.as_view(),
        name="webhook_delivery",
    ),
    path(
        "v1/webhook-deliveries/<delivery:delivery_id>/replay",
        webhooks.Replay.as_view(),
        name="replay_webhook_delivery",
    ),
    path("v1/webhook-events", webhooks.Events.as_view(), name="webhook_events"),
    path("v1/api-keys", own_keys.ApiKeys.as_view(), name="api_keys"),
    path("v1/api-keys/<key:key_id>/revoke", own_keys.RevokeKey.as_view(), name="revoke_api_key"),
    re_path(r"^(?P<rest>[\s\S]*)$", NotThere.as_view(), name="not_there"),
]
