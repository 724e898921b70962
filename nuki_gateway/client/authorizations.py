"""The calls about authorizations: who may open which smart lock."""

from collections.abc import Iterable, Iterator, Mapping

from nuki_gateway import errors
from nuki_gateway.client.calls import Calls, asked, in_address, listed, smart_locks, value, values
from nuki_gateway.models import (
    AppEntry,
    Authorization,
    AuthorizationType,
    Confirmation,
    Entry,
    KeypadEntry,
)
from nuki_gateway.models.pages import Page

PAGE_SIZE = 100  # the service's own
MOST_PAGES = 1000  # 200 codes on each of 500 locks


class AuthorizationCalls(Calls):
    """Scope: `smartlock.auth`."""

    def keypad_codes(self, smartlock_id: int) -> list[Authorization]:
        """The keypad codes of one lock, ours and foreign, as the cloud's copy has them."""
        return self.authorizations_on(smartlock_id, types=[AuthorizationType.KEYPAD_CODE])

    def authorizations_on(
        self, smartlock_id: int, *, types: Iterable[AuthorizationType] = ()
    ) -> list[Authorization]:
        """The authorizations of one lock, of some types or of all, as the cloud's copy has them."""
        answer = self._transport.call(
            "GET", f"/smartlock/{smartlock_id}/auth", query=asked(types=listed(types))
        )
        return values(Authorization.from_json, answer)

    def authorizations(
        self, *, types: Iterable[AuthorizationType] = (), account_user_id: int | None = None
    ) -> list[Authorization]:
        """Those of all locks of the account, or of one account user; -1 for those that have no user."""
        query = asked(types=listed(types), accountUserId=account_user_id)
        answer = self._transport.call("GET", "/smartlock/auth", query=query)
        return values(Authorization.from_json, answer)

    def authorizations_by_page(
        self,
        *,
        types: Iterable[AuthorizationType] = (),
        account_user_id: int | None = None,
        page_size: int = PAGE_SIZE,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[Authorization]:
        """The same, page by page, each once. One that moves between pages meanwhile may be missing.

        `NukiUnavailable` at the end if that was not the whole list: when the service says that there are
        more than `most_pages`, or gives nothing new although more is to come.
        """
        query = asked(types=listed(types), accountUserId=account_user_id, size=page_size)
        seen: set[str] = set()
        for number in range(most_pages):
            answer = self._transport.call("GET", "/smartlock/auth/paged", query={**query, "page": number})
            page = value(Page.from_json, answer)
            found = {one.id: one for one in values(Authorization.from_json, list(page.results))}
            new = [one for one in found.values() if one.id not in seen]
            seen.update(found)
            yield from new
            if not page.has_next(number, page_size):
                return
            if not new:
                raise errors.NukiUnavailable("GET /smartlock/auth/paged: the pages repeat")
        raise errors.NukiUnavailable(f"GET /smartlock/auth/paged: more than {most_pages} pages")

    def authorization(self, smartlock_id: int, authorization_id: str) -> Authorization:
        """One authorization. What the service answers for one that is gone is not documented."""
        path = _path(smartlock_id, authorization_id)
        return value(Authorization.from_json, self._transport.call("GET", path))

    def create_keypad_code(self, smartlock_id: int, entry: KeypadEntry) -> None:
        """Ask for a new keypad code. `NukiConflict` if the cloud knows that code on this lock."""
        self._transport.call("PUT", f"/smartlock/{smartlock_id}/auth", body=entry.to_create_json())

    def create_keypad_code_on(self, smartlock_ids: Iterable[int], entry: KeypadEntry) -> None:
        """Ask for the same keypad code on several locks. A refusal does not say because of which lock."""
        self._create_on(smartlock_ids, entry)

    def create_app_invite(self, smartlock_id: int, entry: AppEntry) -> None:
        """Have Nuki mail the account user an invite for one lock. Its code is not told to us."""
        self._transport.call("PUT", f"/smartlock/{smartlock_id}/auth", body=entry.to_create_json())

    def create_app_invite_on(self, smartlock_ids: Iterable[int], entry: AppEntry) -> None:
        """The same for several locks: one invite and one mail each (Nuki staff, forum 28265)."""
        self._create_on(smartlock_ids, entry)

    def create_app_invite_advanced(self, smartlock_ids: Iterable[int], entry: AppEntry) -> Confirmation:
        """Ask for app invites whose codes come by webhook. Needs Nuki's approval for the Advanced API."""
        body = {**entry.to_advanced_json(), "smartlockIds": smart_locks(smartlock_ids)}
        answer = self._transport.call("PUT", "/smartlock/auth/advanced", body=body)
        return value(Confirmation.from_json, answer)

    def update_keypad_code(self, smartlock_id: int, authorization_id: str, entry: KeypadEntry) -> None:
        """Ask for a change. Every field is sent, since what is left out is cleared."""
        self._transport.call("POST", _path(smartlock_id, authorization_id), body=entry.to_json())

    def update_app_authorization(self, smartlock_id: int, authorization_id: str, entry: AppEntry) -> None:
        """The same for an app authorization. The user gets no mail of it (Nuki staff, developer forum)."""
        self._transport.call("POST", _path(smartlock_id, authorization_id), body=entry.to_json())

    def update_authorizations(self, entries: Mapping[str, Entry]) -> None:
        """Ask for several changes, by authorization id. Whether one that is busy refuses all is not known."""
        body = [{"id": in_address(one), **entry.to_json()} for one, entry in entries.items()]
        if body:
            self._transport.call("POST", "/smartlock/auth", body=body)

    def delete_authorization(self, smartlock_id: int, authorization_id: str) -> None:
        """Ask for its removal. It may still be listed afterwards, and still be on the lock."""
        self._transport.call("DELETE", _path(smartlock_id, authorization_id))

    def delete_authorizations(self, authorization_ids: Iterable[str]) -> None:
        """The same for several, on any locks. The ids are sent as a bare list: an object fails."""
        body = [in_address(one) for one in dict.fromkeys(authorization_ids)]
        if body:
            self._transport.call("DELETE", "/smartlock/auth", body=body)

    def _create_on(self, smartlock_ids: Iterable[int], entry: Entry) -> None:
        body = {**entry.to_create_json(), "smartlockIds": smart_locks(smartlock_ids)}
        self._transport.call("PUT", "/smartlock/auth", body=body)


def _path(smartlock_id: int, authorization_id: str) -> str:
    return f"/smartlock/{smartlock_id}/auth/{in_address(authorization_id)}"
