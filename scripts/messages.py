"""Keeps the message catalogues in step with code and templates, without gettext's programs: `make messages`.

Each app has the catalogue of what it says, at `<app>/locale/<language>/LC_MESSAGES/django.po`. What two apps
say belongs to the lower one. `config` has what a library says that we would say otherwise. Of a language
that only guests read there is what guests read, all of it in `access`. Translations are kept, messages that
nobody says any more are marked obsolete, and the compiled `.mo` lies beside its `.po`.
"""

import ast
import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

from properties import languages

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 100  # characters in a line of a catalogue
LANGUAGES = ("de",)  # of hosts and guests, beside English, which is what the code says
FOR_GUESTS = tuple(one for one in languages.NAMES if one not in {languages.FIRST, *LANGUAGES})
ONE_AND_MORE = "nplurals=2; plural=(n != 1);"
PLURAL_FORMS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "cs": "nplurals=3; plural=(n == 1 ? 0 : n >= 2 && n <= 4 ? 1 : 2);",
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}

# which arguments of a call are the context, the message and its plural
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL_IN_TEMPLATE = re.compile(rf"(?<!\w)(n?p?gettext|_)\(({LITERAL}(?:\s*,\s*{LITERAL})*)")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|%%")
TEMPLATES = {".html", ".txt", ".mjml"}

# the apps, lowest first: where their texts stand, and what in those places another app says
SOURCES = {
    "properties": (("properties", "templates"), ("templates/access", "templates/email", "templates/guest")),
    "access": (("access", "templates/access", "templates/email", "templates/guest"), ()),
}
# where what guests read stands, and what of that is for hosts
GUESTS_READ = (
    "access/letters.py",
    "access/welcome_door_pages.py",
    "access/welcome_door_views.py",
    "access/welcome_pages.py",
    "templates/email",
    "templates/guest",
)
HOSTS_READ = {"alerts", "invitation", "invitation_subject"}
OF_LIBRARIES = "config"
LIBRARY = "allauth"
PARTS_OF_LIBRARY = (
    "account",
    "core",
    "mfa",
    "usersessions",
    "templates/account",
    "templates/mfa",
    "templates/usersessions",
)
FAMILIAR = {
    "de": re.compile(
        r"(?i)\b(du|dich|dir|deine?\w?|eure?\w?)\b"
        r"|\bbitte (gib|klicke|wähle|bestätige|kontaktiere|versuche|habe)\b"
    ),
}


@dataclass(frozen=True)
class Message:
    """One text, as the code says it."""

    text: str
    plural: str = ""
    context: str | None = None

    @property
    def key(self) -> tuple[str | None, str]:
        """What gettext knows it by."""
        return self.context, self.text


Places = dict[Message, list[str]]  # the files in which each message is said


def main() -> int:
    """Bring all catalogues into step with the code, and say what has no translation."""
    settings.configure()
    for language in (*LANGUAGES, *FOR_GUESTS):
        for app, places in said(language).items():
            catalogue_path(app, language).parent.mkdir(parents=True, exist_ok=True)
            catalogue = updated(catalogue_path(app, language), places, language)
            catalogue.save(str(catalogue_path(app, language)), newline="\n")
            catalogue.save_as_mofile(str(compiled_path(app, language)))
            missing = gaps(catalogue)
            sys.stdout.write(
                f"{app} {language}: {len(places)} messages, {len(missing)} without translation\n"
            )
            sys.stdout.writelines(f"  {text!r}\n" for text in missing)
    return 0


def catalogue_path(app: str, language: str) -> Path:
    """Where an app keeps its translations."""
    return ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def compiled_path(app: str, language: str) -> Path:
    """What Django reads."""
    return catalogue_path(app, language).with_suffix(".mo")


def said(language: str) -> dict[str, Places]:
    """All messages, by the app whose catalogue has them."""
    if language in FOR_GUESTS:
        named = days_and_months(language)
        return {"access": said_to_guests(), **({OF_LIBRARIES: named} if named else {})}
    return {**{app: said_by(app) for app in SOURCES}, OF_LIBRARIES: said_by_library(language)}


@functools.cache
def said_by(app: str) -> Places:
    """What an app says and no lower one does."""
    lower = list(SOURCES)[: list(SOURCES).index(app)]
    theirs = {message.key for other in lower for message in said_by(other)}
    inside, outside = SOURCES[app]
    paths = chain.from_iterable(_below(ROOT / place) for place in inside)
    ours = [path for path in paths if not any(path.is_relative_to(ROOT / place) for place in outside)]
    return _collected(ours, ROOT, known=theirs)


@functools.cache
def said_to_guests() -> Places:
    """What guests read, whichever app says it."""
    paths = chain.from_iterable(_below(ROOT / place) for place in GUESTS_READ)
    return _collected([path for path in paths if path.stem not in HOSTS_READ], ROOT, known=set())


@functools.cache
def days_and_months(language: str) -> Places:
    """The names that Django writes large in a language that writes them small."""
    package = _package_of("django")
    shipped = polib.pofile(str(package / "conf" / "locale" / language / "LC_MESSAGES" / "django.po"))
    small = {_key(entry) for entry in shipped if entry.msgctxt is not None or entry.msgstr[:1].islower()}
    return _collected([package / "utils" / "dates.py"], package.parent, known=small)


@functools.cache
def said_by_library(language: str) -> Places:
    """What the library says on our pages, where its own translation is missing or familiar."""
    package = _package_of(LIBRARY)
    shipped = polib.pofile(str(package / "locale" / language / "LC_MESSAGES" / "django.po"))
    formal = {
        _key(entry)
        for entry in shipped.translated_entries()
        if not FAMILIAR[language].search(_translated(entry))
    }
    ours = {message.key for app in SOURCES for message in said_by(app)}
    paths = chain.from_iterable(_below(package / part) for part in PARTS_OF_LIBRARY)
    shown = [path for path in paths if not (ROOT / path.relative_to(package)).exists()]  # else ours is shown
    return _collected(shown, package.parent, known=formal | ours)


def updated(path: Path, places: Places, language: str) -> polib.POFile:
    """The catalogue in step with what is said; a translation stays with its message."""
    before = polib.pofile(str(path)) if path.exists() else polib.POFile()
    known = {_key(entry): entry for entry in before}
    after = polib.POFile(wrapwidth=WIDTH)
    after.metadata = {
        "Project-Id-Version": "Keyturn",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural_forms(language),
    }
    forms = int(plural_forms(language).partition(";")[0].removeprefix("nplurals="))
    after.extend(_entry(one, files, known.get(one.key), forms) for one, files in places.items())
    still = {message.key for message in places}
    after.extend(_obsolete(entry) for key, entry in known.items() if key not in still and entry.translated())
    return after


def plural_forms(language: str) -> str:
    """How many forms a count has, and which one is whose."""
    return PLURAL_FORMS.get(language, ONE_AND_MORE)


def gaps(catalogue: polib.POFile) -> list[str]:
    """What has no translation, or one that nobody has looked at since the text changed."""
    return [entry.msgid for entry in [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries()]]


def placeholders(text: str) -> list[str]:
    """What is filled in when the text is shown, in an order of its own."""
    return sorted(PLACEHOLDER.findall(text))


def _entry(message: Message, files: list[str], before: polib.POEntry | None, forms: int) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context, msgid_plural=message.plural)
    entry.occurrences = [(file, "") for file in files]
    if "%" in message.text + message.plural:
        entry.flags = ["python-format"]
    if message.plural:
        kept = before.msgstr_plural if before else {}
        entry.msgstr_plural = {form: kept.get(form, "") for form in range(forms)}
    elif before:
        entry.msgstr = before.msgstr
    if before and before.fuzzy:
        entry.flags.append("fuzzy")
    return entry


def _obsolete(entry: polib.POEntry) -> polib.POEntry:
    entry.obsolete = True
    entry.occurrences = []
    return entry


def _key(entry: polib.POEntry) -> tuple[str | None, str]:
    return entry.msgctxt, entry.msgid


def _translated(entry: polib.POEntry) -> str:
    return " ".join([entry.msgstr, *entry.msgstr_plural.values()])


def _package_of(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name)
    return Path(found.origin).parent


def _below(place: Path) -> list[Path]:
    """The files with texts, in an order that is the same everywhere."""
    kinds = {".py", *TEMPLATES}
    there = [place] if place.is_file() else place.rglob("*")
    return sorted(path for path in there if path.suffix in kinds and "migrations" not in path.parts)


def _collected(paths: list[Path], root: Path, *, known: set[tuple[str | None, str]]) -> Places:
    """All messages of the files, but for those that another catalogue has."""
    found: dict[tuple[str | None, str], Message] = {}
    files: dict[tuple[str | None, str], list[str]] = {}
    for path in paths:
        for message in _said_in(path):
            if message.key in known:
                continue
            before = found.setdefault(message.key, message)
            if message.plural and not before.plural:
                found[message.key] = message  # gettext knows both by the singular
            name = path.relative_to(root).as_posix()
            if name not in files.setdefault(message.key, []):
                files[message.key].append(name)
    return {message: files[key] for key, message in found.items()}


def _said_in(path: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    return _said_in_code(text) if path.suffix == ".py" else _said_in_template(text)


def _said_in_code(source: str) -> Iterator[Message]:
    nodes = list(ast.walk(ast.parse(source)))
    imports = [one for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names]
    called = {one.asname or one.name: one.name.removesuffix("_lazy") for one in imports}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = called.get(node.func.id, "")
            texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            if name in CALLS and texts and isinstance(texts[0], str):
                yield _message(name, [str(text) for text in texts])


def _said_in_template(source: str) -> Iterator[Message]:
    for name, arguments in CALL_IN_TEMPLATE.findall(templatize(source)):
        yield _message(name, [str(ast.literal_eval(one)) for one in re.findall(LITERAL, arguments)])


def _message(name: str, texts: list[str]) -> Message:
    context, text, plural = CALLS[name]
    return Message(
        text=texts[text],
        plural="" if plural is None else texts[plural],
        context=None if context is None else texts[context],
    )


if __name__ == "__main__":
    sys.exit(main())
