"""Write the public facts of people, offices and areas into a folder of files: the same state gives the same bytes."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from html import escape
from pathlib import Path

from ecosystem import queries as facts
from ecosystem.api import written
from ecosystem.models import Area
from ecosystem.withheld_pages import document_without
from ecosystem.withholding import withheld_words
from governance import documents
from governance.models import Office

MARK = "flamekeeper-export.json"


class ExportRefused(ValueError):
    """A folder that holds something else, or cannot be written."""


def export(folder: Path, on: date) -> dict[str, int]:
    """Write all files into a folder, in the place of an earlier export; return how many of each kind.

    They are written beside it first: a failure leaves what was there.

    Raises:
        ExportRefused: when the folder holds anything but an earlier export, or cannot be written.
    """
    refuse_what_is_not_ours(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ExportRefused(f"{folder}: cannot be written ({error.strerror}); name another folder.") from error
    try:
        counted = write_all(fresh, on)
        if folder.exists():
            shutil.rmtree(folder)
        # Made private by mkdtemp; what is published is to be read.
        fresh.chmod(0o755)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return counted


def refuse_what_is_not_ours(folder: Path) -> None:
    """Refuse a folder with files that no export wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportRefused(f"{folder}: is no folder; name one that is empty or new.")
    if any(folder.iterdir()) and not (folder / MARK).is_file():
        raise ExportRefused(f"{folder}: holds files that no export wrote; name a folder that is empty or new.")


def write_all(folder: Path, on: date) -> dict[str, int]:
    """Write every file, the page that links them, and the list of their hashes."""
    hashes: dict[str, str] = {}
    counted: dict[str, int] = {}
    words = withheld_words()
    for name, document in files(on):
        body = written(document_without(document, words)).encode()
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(body)
        hashes[name] = sha256(body).hexdigest()
        kind = name.partition("/")[0].removesuffix(".json")
        counted[kind] = counted.get(kind, 0) + 1
    (folder / "index.html").write_text(index(sorted(hashes), on), encoding="utf-8")
    (folder / MARK).write_text(written({"on": on, "sha256": hashes}), encoding="utf-8")
    return counted


def files(on: date) -> Iterator[tuple[str, documents.Document]]:
    """Return every file's name and document."""
    people = list(facts.people().order_by("slug"))
    offices = list(Office.objects.select_related("project", "area").order_by("slug"))
    areas = list(Area.objects.select_related("project", "parent").order_by("slug"))
    yield "people.json", {"on": on, "people": documents.people_documents(people, on)}
    yield "offices.json", {"on": on, "offices": documents.offices_documents(offices, on)}
    yield "areas.json", {"on": on, "areas": documents.areas_documents(areas, on)}
    yield "coverage.json", documents.coverage_document(on)
    yield "history.json", {"terms": documents.in_order(documents.notes(documents.all_terms()))}
    for person in people:
        yield f"people/{person.slug}.json", documents.person_document(person, on)
    for office in offices:
        yield f"offices/{office.slug}.json", documents.office_document(office, on)
    for area in areas:
        yield f"areas/{area.slug}.json", documents.area_document(area, on)


def index(names: list[str], on: date) -> str:
    """Return a plain page with a link to each file."""
    links = "\n".join(f'<li><a href="{escape(name)}">{escape(name)}</a></li>' for name in names)
    return f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Who decides, on {on}</title>
<style>body {{ font-family: system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}</style>
</head>
<body>
<h1>Who decides, on {on}</h1>
<p>People, offices and areas as of {on}, their whole history, and the areas that nobody or one person maintains:
{len(names)} JSON files, whose SHA-256 stand in <a href="{MARK}">{MARK}</a>.</p>
<ul>
{links}
</ul>
</body>
</html>
"""
