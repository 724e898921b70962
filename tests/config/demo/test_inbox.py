import json
import re
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from email.message import EmailMessage
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from config.demo.parts import answers
from config.embedded import processes

PROJECT = Path(__file__).parents[3]
PIXEL = bytes.fromhex("89504e470d0a1a0a")

pytestmark = pytest.mark.enable_socket


class Inbox:
    """The inbox as a process of its own, reached as Keyturn and a person reach it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.smtp, self.http = processes.free_port(), processes.free_port()

    def start(self) -> None:
        ports = ["--smtp-port", str(self.smtp), "--http-port", str(self.http)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.demo.inbox", *ports, "--directory", str(self.directory)],
            cwd=PROJECT,
        )
        assert processes.becomes_true(answers(f"http://127.0.0.1:{self.http}/health"), within=20)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, message: EmailMessage, **envelope: Any) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp) as connection:
            connection.send_message(message, **envelope)

    def get(self, path: str, **headers: str) -> tuple[HTTPMessage, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", headers=headers)
        with urllib.request.urlopen(request) as answer:  # noqa: S310  ours
            return answer.headers, answer.read().decode()

    def messages(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = json.loads(self.get("/messages.json")[1])
        return messages


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Inbox]:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    inbox.start()
    yield inbox
    inbox.stop()


@pytest.fixture
def inbox(running: Inbox) -> Inbox:
    for path in running.directory.glob("*.eml"):
        path.unlink()
    return running


def a_message(subject: str = "Your code", to: str = "Ada <ada@guest.example>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "keys@keyturn.example", to, subject
    message["Date"] = "Sat, 21 Nov 2026 09:00:00 +0100"
    message.set_content("Grüße, <Ada>\n")
    message.add_alternative('<p>Hello <a href="https://x.example/">Ada</a></p>', subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="stay.ics")
    return message


def test_a_message_is_kept_with_all_its_parts(inbox: Inbox) -> None:
    inbox.send(a_message())

    (message,) = inbox.messages()
    assert re.fullmatch(r"\d{8}T\d{12}-[0-9a-f]{6}", message.pop("id"))
    assert message == {
        "from": "keys@keyturn.example",
        "to": "Ada <ada@guest.example>",
        "subject": "Your code",
        "date": "2026-11-21T08:00:00+00:00",
        "text": "Grüße, <Ada>\r\n",
        "html": '<p>Hello <a href="https://x.example/">Ada</a></p>\r\n',
        "attachments": ["stay.ics"],
    }


def test_messages_survive_the_inbox_and_the_newest_stands_first(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.start()
    inbox.send(a_message("first"))
    inbox.send(a_message("second"))
    inbox.stop()
    inbox.start()

    assert [message["subject"] for message in inbox.messages()] == ["second", "first"]
    inbox.stop()


def test_the_page_shows_a_message_and_runs_nothing_of_it(inbox: Inbox) -> None:
    inbox.send(a_message("<script>alert(1)</script>"))
    (message,) = inbox.messages()

    headers, page = inbox.get(f"/messages/{message['id']}")
    html_headers, html = inbox.get(f"/messages/{message['id']}/html")

    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page
    assert "Grüße, &lt;Ada&gt;" in page
    assert f'src="/messages/{message["id"]}/html" sandbox="allow-same-origin allow-popups' in page
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "style=" not in page
    assert html.startswith('<base target="_blank"><p>Hello')
    assert "default-src 'none'" in html_headers["Content-Security-Policy"]
    assert "allow-scripts" not in html_headers["Content-Security-Policy"]


def test_an_attachment_is_downloaded_and_never_shown(inbox: Inbox) -> None:
    inbox.send(a_message())
    (message,) = inbox.messages()

    headers, content = inbox.get(f"/messages/{message['id']}/attachments/0")

    assert content == "BEGIN:VCALENDAR"
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''stay.ics"


def test_an_image_within_the_message_comes_from_here(inbox: Inbox) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "keys@keyturn.example", "ada@guest.example"
    message.set_content("See the picture.")
    message.add_alternative('<img src="cid:door@keyturn">', subtype="html")
    _, html_part = message.iter_parts()
    assert isinstance(html_part, EmailMessage)
    html_part.add_related(PIXEL, "image", "png", cid="<door@keyturn>")
    inbox.send(message)
    (kept,) = inbox.messages()

    _, html = inbox.get(f"/messages/{kept['id']}/html")

    assert kept["subject"] == "(no subject)"
    assert f'<img src="/messages/{kept["id"]}/attachments/0">' in html


def test_whom_only_the_envelope_names_is_shown(inbox: Inbox) -> None:
    inbox.send(a_message(), to_addrs=["hidden@guest.example"])
    (message,) = inbox.messages()

    _, page = inbox.get(f"/messages/{message['id']}")

    assert "<dt>Delivered to</dt><dd>hidden@guest.example</dd>" in page


@pytest.mark.parametrize(
    "path", ["/messages/none", "/messages/../x", "/inbox.py", "/messages/none/attachments/0"]
)
def test_what_is_not_there_is_said(inbox: Inbox, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        inbox.get(path)

    refusal.value.close()
    assert refusal.value.code == 404


def test_a_name_that_somebody_pointed_at_this_machine_is_refused(inbox: Inbox) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        inbox.get("/messages.json", Host="evil.example")

    refusal.value.close()
    assert refusal.value.code == 421
