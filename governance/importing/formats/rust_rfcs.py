"""Read the headers of rust-lang/rfcs: text/NNNN-name.md. They name no one and no state, so none is told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from governance.importing.gathering import Gathering, lines_of
from governance.importing.one_file_each import day_of, read_each
from governance.importing.reading import Place, ProposalRead, Reading, SourceFile

FILE = re.compile(r"(?:(?:.*/)?text/)?(\d{4})-([^/]+)\.md")
ENTRY = re.compile(r"[-*] (?:\*\*)?([A-Z][\w() -]{1,40}?)(?:\*\*)?: *(?:\*\*)? *(.*)")
LINK = re.compile(r"https://github\.com/rust-lang/rfcs/pull/\d+")
UNTOLD = {"", "n/a", "none", "not applicable", "na", "(fill me in with a unique ident, `my_awesome_feature`)"}
# What a header says besides: where it is tracked.
WITHOUT_NAMES = {"feature name", "start date", "rfc pr", "rust issue", "cargo issue", "tracking issue"}


class RustRfcs:
    """Rust's requests for comments."""

    name = "rust_rfcs"
    project = "rust"

    def recognises(self, paths: Iterable[str]) -> bool:
        """Say whether there are requests for comments."""
        return any(self.wants(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Say whether a file is a request; what lies in a folder of its name belongs to its text."""
        return bool(FILE.fullmatch(path))

    def read(self, files: Iterable[SourceFile]) -> Reading:
        """Read a source."""
        to = Gathering(self.project, self.name)
        read_each((file for file in files if self.wants(file.path)), to, _read)
        return to.reading()


def _read(file: SourceFile, to: Gathering) -> None:
    match = FILE.fullmatch(file.path)
    number, slug = (match[1], match[2]) if match else ("", "")
    entries: dict[str, tuple[str, Place]] = {}
    for line_number, line in enumerate(lines_of(file), 1):
        entry = ENTRY.fullmatch(line)
        if line.startswith("#") or (entries and line.strip() and not entry):
            break
        if entry:
            entries.setdefault(entry[1].strip().lower(), (entry[2].strip(), Place(file.path, line_number)))
    for key, (value, place) in entries.items():
        if key not in WITHOUT_NAMES:
            to.leave(place, f"{key}: {value}", "not a part of a header that is known")
    if not entries:
        to.leave(Place(file.path), slug, "no header; number and title are the file's name")
    feature = entries["feature name"][0].strip("`") if "feature name" in entries else ""
    words = slug if feature.lower() in UNTOLD else feature
    link = LINK.search(entries["rfc pr"][0]) if "rfc pr" in entries else None
    to.propose(
        ProposalRead(
            number=number.lstrip("0") or "0",
            title=" ".join(re.split(r"[-_\s]+", words)),
            place=Place(file.path, 1),
            created=day_of(entries.get("start date"), "Start Date", UNTOLD, to),
            url=link[0] if link else "",
        )
    )


FORMAT = RustRfcs()
