"""The inbox as HTML: a list beside one message; on a phone one of the two."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from config.demo.inbox.mailbox import Message

PAGE = Template((Path(__file__).parent / "page" / "page.html").read_text(encoding="utf-8"))
MESSAGE = Template((Path(__file__).parent / "page" / "message.html").read_text(encoding="utf-8"))
ENTRY = Template((Path(__file__).parent / "page" / "entry.html").read_text(encoding="utf-8"))

EMPTY = '<p class="empty">No message yet. What Keyturn sends to guests and hosts arrives here.</p>'
NONE_CHOSEN = '<p class="empty">Choose a message.</p>'
SIZES = ("bytes", "kB", "MB")
STEP = 1000  # bytes in a kB


def page(messages: Sequence[Message], *, shown: Message | None, chosen: bool) -> str:
    """Write the whole page; `chosen` says that the person asked for this message, so a phone shows it."""
    return PAGE.substitute(
        title=escape(shown.subject if shown and chosen else "Inbox"),
        view="reading" if chosen else "choosing",
        count="1 message" if len(messages) == 1 else f"{len(messages)} messages",
        entries="\n".join(_entry(message, is_shown=message == shown) for message in messages) or EMPTY,
        message=_message(shown) if shown else NONE_CHOSEN if messages else "",
    )


def html_of(message: Message) -> str:
    """Take the message's own HTML, its images from here and its links into a tab of their own."""
    html = message.html
    for number, attachment in enumerate(message.attachments):
        if attachment.content_id:
            address = f"/messages/{message.id}/attachments/{number}"
            html = html.replace(f"cid:{attachment.content_id}", address)
    return f'<base target="_blank">{html}' if "<head" not in html else _with_base(html)


def _with_base(html: str) -> str:
    at = html.index(">", html.index("<head")) + 1
    return f'{html[:at]}<base target="_blank">{html[at:]}'


def _entry(message: Message, *, is_shown: bool) -> str:
    return ENTRY.substitute(
        id=escape(message.id),
        current='aria-current="true"' if is_shown else "",
        to=escape(message.to),
        subject=escape(message.subject),
        preview=escape(" ".join(message.text.split())[:120]),
        time=_time(message.date),
    )


def _message(message: Message) -> str:
    return MESSAGE.substitute(
        id=escape(message.id),
        subject=escape(message.subject),
        sender=escape(message.sender),
        to=escape(message.to),
        time=_time(message.date),
        html=_frame(message),
        text=escape(message.text),
        text_open="" if message.html else "open",
        headers="\n".join(_headers(message)),
        attachments=_attachments(message),
    )


def _headers(message: Message) -> Iterator[str]:
    for name, value in (*message.headers, ("Delivered to", message.envelope_to)):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"


def _frame(message: Message) -> str:
    """Show foreign HTML: it may neither run scripts nor send forms; its links open in a new tab."""
    if not message.html:
        return ""
    return (
        f'<iframe title="The message as its reader sees it" src="/messages/{escape(message.id)}/html" '
        'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def _attachments(message: Message) -> str:
    if not message.attachments:
        return ""
    links = "".join(
        f'<li><a href="/messages/{message.id}/attachments/{number}" download>{escape(attachment.name)}</a> '
        f"<small>{_size(len(attachment.content))}</small></li>"
        for number, attachment in enumerate(message.attachments)
    )
    return f'<ul class="attachments" aria-label="Attachments">{links}</ul>'


def _size(size: float) -> str:
    for unit in SIZES[:-1]:
        if size < STEP:
            return f"{size:.0f} {unit}"
        size /= STEP
    return f"{size:.1f} {SIZES[-1]}"


def _time(date: datetime) -> str:
    local = date.astimezone()
    return f'<time datetime="{date.isoformat()}">{local.day} {local:%b, %H:%M}</time>'
