"""The calls about smart locks: reading them, having them read anew, moving them."""

from typing import Any

from nuki_gateway.client.calls import Calls, value, values
from nuki_gateway.models import Action, ActionOption, Confirmation, SmartLock


class SmartLockCalls(Calls):
    """Scopes: `smartlock` or `smartlock.readOnly` to read, `smartlock.action` for the rest."""

    def smart_locks(self) -> list[SmartLock]:
        """All smart locks of the account."""
        return values(SmartLock.from_json, self._transport.call("GET", "/smartlock"))

    def smart_lock(self, smartlock_id: int) -> SmartLock:
        """One smart lock. `NukiNotFound` if it left the account."""
        return value(SmartLock.from_json, self._transport.call("GET", f"/smartlock/{smartlock_id}"))

    def sync(self, smartlock_id: int) -> None:
        """Ask the cloud to read the lock anew. Done some seconds later, if the lock is reached."""
        self._transport.call("POST", f"/smartlock/{smartlock_id}/sync")

    def act(self, smartlock_id: int, action: Action, options: ActionOption = ActionOption.NONE) -> None:
        """Ask the lock to move; `Action` says which device takes what. Whether it did stands in its log.

        `NukiBusy` while another action runs there, or while the lock is not reached (observed).
        """
        self._transport.call("POST", f"/smartlock/{smartlock_id}/action", body=_body(action, options))

    def act_advanced(
        self, smartlock_id: int, action: Action, options: ActionOption = ActionOption.NONE
    ) -> Confirmation:
        """The same; a webhook tells how it ended. Needs Nuki's approval for the Advanced API."""
        answer = self._transport.call(
            "POST", f"/smartlock/{smartlock_id}/action/advanced", body=_body(action, options)
        )
        return value(Confirmation.from_json, answer)


def _body(action: Action, options: ActionOption) -> dict[str, Any]:
    return {"action": int(action), "option": int(options)}
