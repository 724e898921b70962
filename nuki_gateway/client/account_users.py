"""The calls about account users: the people whom app authorizations belong to."""

from nuki_gateway.client.calls import Calls, asked, value, values
from nuki_gateway.models import AccountUser, Language
from nuki_gateway.models.reading import storable


class AccountUserCalls(Calls):
    """Scope: `account` or `smartlock.auth`. Made and changed at once, removed some time later."""

    def account_users(
        self, *, email: str | None = None, offset: int | None = None, limit: int | None = None
    ) -> list[AccountUser]:
        """The account's users, or those whom the service finds by an address."""
        wanted = None if email is None else storable(email)
        query = asked(email=wanted, offset=offset, limit=limit)
        return values(AccountUser.from_json, self._transport.call("GET", "/account/user", query=query))

    def account_user_of(self, email: str) -> AccountUser | None:
        """The user with just this address, or None. How the service compares is not known, so we do."""
        found = self.account_users(email=email)
        return next((one for one in found if one.has_address(email)), None)

    def account_user(self, account_user_id: int) -> AccountUser:
        """One user."""
        return value(AccountUser.from_json, self._transport.call("GET", f"/account/user/{account_user_id}"))

    def create_account_user(
        self, *, email: str, name: str, language: Language = Language.ENGLISH
    ) -> AccountUser:
        """Make a user. Look for the address first: what happens to one that is known is not documented."""
        body = {"email": email, "name": name, "language": language}
        return value(AccountUser.from_json, self._transport.call("PUT", "/account/user", body=body))

    def update_account_user(self, account_user_id: int, *, email: str, name: str, language: Language) -> None:
        """Change a user; all three are sent. `NukiConflict` if the address belongs to somebody else."""
        body = {"email": email, "name": name, "language": language}
        self._transport.call("POST", f"/account/user/{account_user_id}", body=body)

    def delete_account_user(self, account_user_id: int) -> None:
        """Ask for a user's removal, with all authorizations. `NukiBusy` while one of them is written."""
        self._transport.call("DELETE", f"/account/user/{account_user_id}")
