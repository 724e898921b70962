"""Each reader of the environment: what it takes, and the sentence for what it does not."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from config.environment import BadVariable, Environment

KEY = "a2V5LW9uZS1rZXktb25lLWtleS1vbmUta2V5LW9uZSE="  # 32 bytes
OTHER_KEY = "a2V5LXR3by1rZXktdHdvLWtleS10d28ta2V5LXR3byE="
PASSWORD = "hunter2-hunter2"
LONG = "s" * 50

Read = Callable[[Environment], Any]


def text(environment: Environment) -> Any:
    return environment.text("NAME")


def text_or_default(environment: Environment) -> Any:
    return environment.text("NAME", "otherwise")


def secret(environment: Environment) -> Any:
    return environment.secret("NAME")


def flag(environment: Environment) -> Any:
    return environment.flag("NAME", default=False)


def flag_that_is_on(environment: Environment) -> Any:
    return environment.flag("NAME", default=True)


def choice(environment: Environment) -> Any:
    return environment.choice("NAME", "invited", "open")


def number(environment: Environment) -> Any:
    return environment.number("NAME", 7)


def names(environment: Environment) -> Any:
    return environment.names("NAME")


def origin(environment: Environment) -> Any:
    return environment.origin("NAME")


def optional_origin(environment: Environment) -> Any:
    return environment.optional_origin("NAME")


def networks(environment: Environment) -> Any:
    return environment.networks("NAME")


def fernet_keys(environment: Environment) -> Any:
    return environment.fernet_keys("NAME")


def redis(environment: Environment) -> Any:
    return environment.redis("NAME")


def database(environment: Environment) -> Any:
    return environment.database("NAME")


def email(environment: Environment) -> Any:
    return environment.email("NAME")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        pytest.param(text, " words ", "words", id="text, without the blanks around it"),
        pytest.param(text_or_default, "words", "words", id="text, although there is a default"),
        pytest.param(text_or_default, None, "otherwise", id="text that is missing, with a default"),
        pytest.param(text_or_default, "  ", "otherwise", id="text of blanks, with a default"),
        pytest.param(secret, LONG, LONG, id="a secret of 50 characters"),
        pytest.param(flag, "on", True, id="on"),
        pytest.param(flag, "TRUE", True, id="TRUE"),
        pytest.param(flag, "yes", True, id="yes"),
        pytest.param(flag, "1", True, id="1"),
        pytest.param(flag_that_is_on, "off", False, id="off"),
        pytest.param(flag_that_is_on, "False", False, id="False"),
        pytest.param(flag_that_is_on, "no", False, id="no"),
        pytest.param(flag_that_is_on, "0", False, id="0"),
        pytest.param(flag, None, False, id="a flag that is missing is its default: off"),
        pytest.param(flag_that_is_on, "", True, id="a flag that is empty is its default: on"),
        pytest.param(choice, None, "invited", id="a choice that is missing is the first"),
        pytest.param(choice, " Open ", "open", id="a choice"),
        pytest.param(names, "a", ["a"], id="one name"),
        pytest.param(names, " a, b ,,c,", ["a", "b", "c"], id="several names"),
        pytest.param(networks, None, [], id="no networks"),
        pytest.param(
            networks,
            "10.0.0.0/8, ::1/128",
            [ip_network("10.0.0.0/8"), ip_network("::1/128")],
            id="networks",
        ),
        pytest.param(origin, "https://keys.example", "https://keys.example", id="an https address"),
        pytest.param(origin, "http://127.0.0.1:8000/", "http://127.0.0.1:8000", id="without its last slash"),
        pytest.param(origin, "http://[::1]:8000", "http://[::1]:8000", id="an IPv6 address"),
        pytest.param(optional_origin, None, "", id="an address that need not be"),
        pytest.param(optional_origin, " ", "", id="an address that is blank and need not be"),
        pytest.param(optional_origin, "http://a.example", "http://a.example", id="an address that is there"),
        pytest.param(fernet_keys, KEY, [KEY], id="one key"),
        pytest.param(fernet_keys, f"{KEY}, {OTHER_KEY}", [KEY, OTHER_KEY], id="two keys, in their order"),
        pytest.param(redis, "redis://host:6379/0", "redis://host:6379/0", id="redis"),
        pytest.param(redis, "rediss://:pw@host", "rediss://:pw@host", id="redis over TLS"),
        pytest.param(redis, "unix:///run/redis.sock", "unix:///run/redis.sock", id="redis by a socket"),
    ],
)
def test_it_is_read(read: Read, value: str | None, expected: object) -> None:
    variables = {} if value is None else {"NAME": value}

    assert read(Environment(variables)) == expected


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("postgres://keyturn:pw@db.example:5433/keyturn", id="postgres"),
        pytest.param("postgresql://keyturn:pw@db.example:5433/keyturn", id="postgresql"),
    ],
)
def test_a_database_is_read(address: str) -> None:
    found = Environment({"NAME": address}).database("NAME")

    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["NAME"], found["HOST"], found["PORT"]) == ("keyturn", "db.example", 5433)
    assert (found["USER"], found["PASSWORD"]) == ("keyturn", "pw")
    assert found["OPTIONS"] == {"connect_timeout": 3}


def test_what_an_operator_says_about_a_database_comes_first() -> None:
    address = "postgresql://keyturn:pw@/keyturn?host=/run/postgres&connect_timeout=20"

    found = Environment({"NAME": address}).database("NAME")

    assert found["OPTIONS"] == {"host": "/run/postgres", "connect_timeout": 20}


def test_a_password_may_hold_any_letter_if_it_is_quoted() -> None:
    found = Environment({"NAME": "postgres://keyturn:p%40ss%2Fw%3Ard@db.example/keyturn"}).database("NAME")

    assert found["PASSWORD"] == "p@ss/w:rd"


def test_a_database_that_is_missing_is_its_default() -> None:
    found = Environment({}).database("NAME", "postgres://a@b/c")

    assert (found["USER"], found["HOST"], found["NAME"]) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("address", "tls", "ssl"),
    [
        pytest.param("smtp://mail.example:25", False, False, id="in clear"),
        pytest.param("smtp+tls://mail.example:587", True, False, id="STARTTLS"),
        pytest.param("smtp+ssl://mail.example:465", False, True, id="TLS from the start"),
    ],
)
def test_a_mail_server_is_read(*, address: str, tls: bool, ssl: bool) -> None:
    found = Environment({"NAME": address.replace("://", "://post:pw@")}).email("NAME")

    assert found["EMAIL_BACKEND"] == "properties.outgoing.MailServer"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", int(address.rsplit(":", 1)[1]))
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("post", "pw")
    assert (found.get("EMAIL_USE_TLS", False), found.get("EMAIL_USE_SSL", False)) == (tls, ssl)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        pytest.param(text, None, "NAME is missing", id="a text that is missing"),
        pytest.param(text, "  ", "NAME is missing", id="a text of blanks"),
        pytest.param(secret, None, "NAME is missing", id="a secret that is missing"),
        pytest.param(secret, PASSWORD, "NAME is too short: it needs at least 50", id="a short secret"),
        pytest.param(secret, "s" * 49, "NAME is too short", id="a secret of 49 characters"),
        pytest.param(flag, "perhaps", "NAME must be on or off", id="neither on nor off"),
        pytest.param(names, None, "NAME is missing", id="names that are missing"),
        pytest.param(names, " , ,", "NAME must hold at least one value", id="commas and no name"),
        pytest.param(origin, None, "NAME is missing", id="an address that is missing"),
        pytest.param(origin, "keys.example", "NAME must be an address", id="no scheme"),
        pytest.param(origin, "ftp://keys.example", "NAME must be an address", id="another scheme"),
        pytest.param(origin, "https://", "NAME must be an address", id="no host"),
        pytest.param(origin, "https://keys.example/path", "NAME must be an address", id="a path"),
        pytest.param(origin, "https://keys.example?x=1", "NAME must be an address", id="a query"),
        pytest.param(origin, "https://keys.example#x", "NAME must be an address", id="a fragment"),
        pytest.param(
            origin, f"https://a:{PASSWORD}@keys.example", "NAME must be an address", id="a password"
        ),
        pytest.param(origin, "https://keys.example:port", "NAME must be an address", id="a port of letters"),
        pytest.param(origin, "https://keys.example:99999", "NAME must be an address", id="a port too high"),
        pytest.param(origin, "https://[::1", "NAME must be an address", id="half a bracket"),
        pytest.param(
            optional_origin, "here", "NAME must be an address", id="an optional address that is none"
        ),
        pytest.param(fernet_keys, None, "NAME is missing", id="keys that are missing"),
        pytest.param(fernet_keys, PASSWORD, "NAME must hold Fernet keys", id="a password for a key"),
        pytest.param(fernet_keys, KEY[:-4], "NAME must hold Fernet keys", id="a key cut short"),
        pytest.param(fernet_keys, f"{KEY},{PASSWORD}", "NAME must hold Fernet keys", id="a bad second key"),
        pytest.param(fernet_keys, "ключ" * 8, "NAME must hold Fernet keys", id="letters of another script"),
        pytest.param(database, None, "NAME is missing", id="a database that is missing"),
        pytest.param(database, PASSWORD, "NAME must be a PostgreSQL address", id="a word for a database"),
        pytest.param(
            database,
            f"mysql://a:{PASSWORD}@host/x",
            "NAME must be a PostgreSQL address",
            id="another database",
        ),
        pytest.param(
            database,
            f"mongo://a:{PASSWORD}@host/x",
            "NAME must be a PostgreSQL address",
            id="a strange database",
        ),
        pytest.param(
            database,
            f"//a:{PASSWORD}@host/x",
            "NAME must be a PostgreSQL address",
            id="a database of no kind",
        ),
        pytest.param(database, "sqlite:///x", "NAME must be a PostgreSQL address", id="a file"),
        pytest.param(
            database, f"postgres://a:{PASSWORD}@host/", "NAME must be a PostgreSQL address", id="no name"
        ),
        pytest.param(
            database,
            f"postgres://a:{PASSWORD}@host:port/x",
            "NAME must be a PostgreSQL address",
            id="a database's port of letters",
        ),
        pytest.param(
            database,
            f"postgres://a:{PASSWORD}@[::1/x",
            "NAME must be a PostgreSQL address",
            id="a database at half a bracket",
        ),
        pytest.param(redis, None, "NAME is missing", id="redis that is missing"),
        pytest.param(redis, f"http://:{PASSWORD}@host", "NAME must be a Redis address", id="redis over http"),
        pytest.param(redis, PASSWORD, "NAME must be a Redis address", id="a word for redis"),
        pytest.param(redis, f"redis://:{PASSWORD}@[::1", "NAME must be a Redis address", id="half an IPv6"),
        pytest.param(
            redis,
            f"redis://:{PASSWORD}@host:port/0",
            "NAME must be a Redis address",
            id="redis' port of letters",
        ),
        pytest.param(email, None, "NAME is missing", id="a mail server that is missing"),
        pytest.param(email, PASSWORD, "NAME must be a mail server", id="a word for a mail server"),
        pytest.param(email, "smtp://", "NAME must be a mail server", id="a mail server without a host"),
        pytest.param(
            email, f"imap://a:{PASSWORD}@host", "NAME must be a mail server", id="another kind of mail server"
        ),
        pytest.param(choice, PASSWORD, "NAME must be invited or open.", id="none of the choices"),
        pytest.param(email, "consolemail://", "NAME must be a mail server", id="the console for mail"),
        pytest.param(
            email, f"smtp://a:{PASSWORD}@host:port", "NAME must be a mail server", id="mail's port of letters"
        ),
        pytest.param(
            email, f"smtp://a:{PASSWORD}@[::1", "NAME must be a mail server", id="mail at half an IPv6"
        ),
    ],
)
def test_a_bad_value_is_named_by_its_variable_and_not_repeated(
    read: Read, value: str | None, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    variables = {} if value is None else {"NAME": value}

    with pytest.raises(BadVariable) as refusal:
        read(Environment(variables))

    said = str(refusal.value)
    told = said + "".join(capfd.readouterr())
    assert said.startswith(sentence)
    assert PASSWORD not in told
    assert KEY not in told
    assert refusal.value.__cause__ is None


def test_a_provider_of_mail_is_read_with_what_it_asks_for() -> None:
    address = "mailgun://?api_key=key-1%2B2&sender_domain=mg.example&webhook_secret=user:pw"

    found = Environment({"NAME": address}).email("NAME")

    assert (found["EMAIL_BACKEND"], found["PROVIDER"]) == ("anymail.backends.mailgun.EmailBackend", "mailgun")
    asked = {"MAILGUN_API_KEY": "key-1+2", "MAILGUN_SENDER_DOMAIN": "mg.example", "WEBHOOK_SECRET": "user:pw"}
    assert asked.items() <= found["ANYMAIL"].items()


def test_a_provider_without_what_it_asks_for_is_refused_without_repeating_anything() -> None:
    with pytest.raises(BadVariable, match="NAME must hold what mailgun asks for") as refusal:
        Environment({"NAME": f"mailgun://{PASSWORD}"}).email("NAME")

    assert PASSWORD not in str(refusal.value)
