"""Consents, codes and tokens of OAuth2: what programs hold for other people's accounts."""

from datetime import datetime, timedelta

from nuki_gateway.simulator.engine import Engine
from nuki_gateway.simulator.world import Account, OAuthClient, OAuthCode, OAuthToken


class GrantRefused(Exception):
    """A code or a refresh token is unknown, used, too old, or another program's."""


def consent(
    engine: Engine, client: OAuthClient, account: Account, *, redirect_uri: str, scopes: list[str]
) -> str:
    """Note that the account allows the program these scopes; return the code to hand over."""
    with engine.change() as at:
        if engine.switches.consent_ends_access_tokens:
            _end_access(engine, client, account)
        made = OAuthCode(
            code=engine.world.new_secret(),
            client_id=client.id,
            account_id=account.account_id,
            redirect_uri=redirect_uri,
            scopes=scopes,
            ends_at=at + timedelta(seconds=engine.timings.oauth_code_seconds),
        )
        engine.world.oauth_codes.append(made)
        return made.code


def exchange(
    engine: Engine, client: OAuthClient, *, code: str, redirect_uri: str
) -> tuple[OAuthToken, OAuthToken]:
    """Use up a code and return its access and refresh tokens; raises GrantRefused."""
    with engine.change() as at:
        codes = engine.world.oauth_codes
        found = next((one for one in codes if one.code == code and one.client_id == client.id), None)
        if found is None:
            raise GrantRefused
        codes.remove(found)
        if at >= found.ends_at or redirect_uri != found.redirect_uri:
            raise GrantRefused
        access = _new_access_token(engine, client, found.account_id, found.scopes, at=at)
        return access, _new_refresh_token(engine, client, found.account_id, found.scopes)


def refresh(engine: Engine, client: OAuthClient, *, refresh_token: str) -> tuple[OAuthToken, OAuthToken]:
    """Return a new access token and the refresh token to use from now on; raises GrantRefused."""
    with engine.change() as at:
        held = engine.world.refresh_tokens
        found = next((one for one in held if one.token == refresh_token and one.client_id == client.id), None)
        if found is None or _is_refused(engine, found.account_id):
            raise GrantRefused
        access = _new_access_token(engine, client, found.account_id, found.scopes, at=at)
        if not engine.switches.rotate_refresh_tokens:
            return access, found
        held.remove(found)
        return access, _new_refresh_token(engine, client, found.account_id, found.scopes)


def end_consent(engine: Engine, account: Account) -> None:
    """Let the account take back all its consents: no program's token is good any more."""
    with engine.change():
        world, gone = engine.world, account.account_id
        world.oauth_codes = [one for one in world.oauth_codes if one.account_id != gone]
        world.access_tokens = [one for one in world.access_tokens if one.account_id != gone]
        world.refresh_tokens = [one for one in world.refresh_tokens if one.account_id != gone]


def _end_access(engine: Engine, client: OAuthClient, account: Account) -> None:
    theirs = (client.id, account.account_id)
    world = engine.world
    world.access_tokens = [one for one in world.access_tokens if (one.client_id, one.account_id) != theirs]


def _is_refused(engine: Engine, account_id: int) -> bool:
    return any(one.account_id == account_id and one.refuses_refresh for one in engine.world.accounts)


def _new_access_token(
    engine: Engine, client: OAuthClient, account_id: int, scopes: list[str], *, at: datetime
) -> OAuthToken:
    ends_at = at + timedelta(seconds=engine.timings.access_token_seconds)
    made = OAuthToken(engine.world.new_secret(), client.id, account_id, list(scopes), ends_at)
    world = engine.world
    good = [one for one in world.access_tokens if one.ends_at is not None and one.ends_at > at]
    world.access_tokens = [*good, made]
    return made


def _new_refresh_token(engine: Engine, client: OAuthClient, account_id: int, scopes: list[str]) -> OAuthToken:
    made = OAuthToken(engine.world.new_secret(), client.id, account_id, list(scopes))
    engine.world.refresh_tokens.append(made)
    return made
