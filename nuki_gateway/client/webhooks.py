"""The calls about webhooks: who is called, and how Nuki gets on with calling."""

from collections.abc import Iterable

from nuki_gateway.client.calls import Calls, asked, value, values
from nuki_gateway.models import AdvancedApiKey, ApiKey, DeliveryRecord, Feature, Webhook

WEBHOOK_FEATURES: tuple[str, ...] = (
    Feature.DEVICE_STATUS,
    Feature.DEVICE_MASTERDATA,
    Feature.DEVICE_CONFIG,
    Feature.DEVICE_LOGS,
    Feature.DEVICE_AUTHS,
)
LONGEST_PAGE = 100  # deliveries; the service keeps the last 300 (Nuki's documentation)


class WebhookCalls(Calls):
    """Scopes: `webhook.decentral` for the decentral webhooks, `account` for the API keys."""

    def webhooks(self) -> list[Webhook]:
        """The account's decentral webhooks, without their secrets."""
        return values(Webhook.from_json, self._transport.call("GET", "/api/decentralWebhook"))

    def register_webhook(self, url: str, features: Iterable[str] = WEBHOOK_FEATURES) -> Webhook:
        """Have the service call this https address. The secret comes back once: keep it."""
        body = {"webhookUrl": url, "webhookFeatures": list(features)}
        return value(Webhook.from_json, self._transport.call("PUT", "/api/decentralWebhook", body=body))

    def remove_webhook(self, webhook_id: int) -> None:
        """End the calls to one webhook."""
        self._transport.call("DELETE", f"/api/decentralWebhook/{webhook_id}")

    def api_keys(self) -> list[ApiKey]:
        """The account's API keys."""
        return values(ApiKey.from_json, self._transport.call("GET", "/api/key"))

    def advanced_api_key(self, api_key_id: int) -> AdvancedApiKey:
        """The Advanced integration of a key, with the state of its deliveries. `NukiNotFound` without one."""
        answer = self._transport.call("GET", f"/api/key/{api_key_id}/advanced")
        return value(AdvancedApiKey.from_json, answer)

    def reactivate_deliveries(self, api_key_id: int) -> None:
        """Have Nuki deliver again, after it stopped because too many deliveries failed."""
        self._transport.call("POST", f"/api/key/{api_key_id}/advanced/reactivate")

    def delivery_log(
        self, api_key_id: int, *, before_id: str | None = None, limit: int = LONGEST_PAGE
    ) -> list[DeliveryRecord]:
        """One page of what Nuki delivered, newest first: at most 100, older than `before_id` (inferred)."""
        query = asked(id=before_id, limit=min(limit, LONGEST_PAGE))
        answer = self._transport.call("GET", f"/api/key/{api_key_id}/webhook/logs", query=query)
        return values(DeliveryRecord.from_json, answer)
