#!/usr/bin/env python
"""Keyturn's command line: Django's commands, and two that need no settings because they make them."""

import os
import sys


def main() -> int:
    """Run one command; a bad environment ends it with the sentence that names the variable."""
    if sys.argv[1:2] == ["demo"]:
        from config.demo import command  # noqa: PLC0415  the demo must start where no settings can be read yet

        return command.main(sys.argv[2:])
    if sys.argv[1:2] == ["rehearse"]:
        from config.rehearsal import command as rehearsal  # noqa: PLC0415  it makes its own settings, too

        return rehearsal.main(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415  after the line above
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from config.environment import BadVariable  # noqa: PLC0415

    try:
        _ = settings.INSTALLED_APPS
    except BadVariable as problem:
        sys.stderr.write(f"Keyturn cannot start: {problem}\n")
        return 1
    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
