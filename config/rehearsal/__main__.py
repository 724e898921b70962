"""`python -m config.rehearsal`: plays one part, given as JSON, and prints its findings as JSON."""

import json
import os
import sys
import time
import warnings

from config.rehearsal.script import Script


def main(words: list[str]) -> int:
    """Play it, in a process of its own whose settings are a rehearsal's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415  the settings are changed before anything reads them
    from django.conf import settings  # noqa: PLC0415  the same

    settings.CACHES = {"default": {"BACKEND": "config.rehearsal.memory.Memory"}}
    settings.EMAIL_BACKEND = "config.rehearsal.letters.Letters"
    settings.DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    settings.LOGGING["root"]["handlers"] = []
    warnings.filterwarnings("ignore", "No directory at")  # whitenoise: nobody looks at pages here
    django.setup()
    from config.celery import app  # noqa: PLC0415  after the setup
    from config.rehearsal.part import Part  # noqa: PLC0415  the same

    app.loader.import_default_modules()
    part = Part(Script.from_json(json.loads(words[0])))
    part.play()
    sys.stdout.write(json.dumps(part.findings_as_json(cpu_seconds=time.process_time())) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
