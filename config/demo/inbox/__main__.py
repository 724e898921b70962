"""Run the inbox: `python -m config.demo.inbox --smtp-port 2525 --http-port 8025 --directory DIRECTORY`."""

import argparse
from pathlib import Path

from config.demo.inbox import smtp, web
from config.demo.inbox.mailbox import Mailbox


def main() -> None:
    """Take mail and show it until the process is ended."""
    parser = argparse.ArgumentParser(prog="config.demo.inbox")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    chosen = parser.parse_args()
    mailbox = Mailbox(chosen.directory)
    smtp.take_mail(mailbox, port=chosen.smtp_port)
    web.show(mailbox, port=chosen.http_port)


if __name__ == "__main__":
    main()
