"""Read what Kubernetes announced: its results files, its candidates' own files, its list of employers."""

import difflib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ELECTIONS = ROOT.parent / "shared" / "data" / "governance" / "kubernetes-community" / "elections"
LISTED = re.compile(r"^\s*(?:[0-9]+\.|-)\s+(?P<name>.+?)\s*$")
LINK = re.compile(r"\[(?P<name>[^]]+)\]\(https://github\.com/(?P<login>[^)]+)\)")
SEATS = re.compile(r"Number of seats open:\s*(?P<seats>.*)")


def elections() -> list[Path]:
    """Give the folder of every election of which ballots and results are there."""
    return sorted(path for path in ELECTIONS.glob("*/*") if ballots_of(path) and results_of(path))


def ballots_of(folder: Path) -> Path | None:
    return next((path for path in folder.glob("*") if path.name.casefold() == "ballots.csv"), None)


def results_of(folder: Path) -> Path | None:
    return next((path for path in folder.glob("*") if path.name.casefold() == "results.md"), None)


def seats(folder: Path) -> list[int]:
    """Give the numbers of seats, one a length of term: 2017 had three and three."""
    text = SEATS.search(results_of(folder).read_text())["seats"]
    return [int(number) for number in re.findall(r"(?<!\()\b([0-9]+)\b(?= \(|$)", text)]


def sections(folder: Path) -> dict[str, list[str]]:
    """Give the listed names under "Winners" and under "Results"; the line "rest of the candidates" ends the winners."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in results_of(folder).read_text().splitlines():
        if line.startswith("#"):
            title = "winners" if "Winner" in line else "ranking" if line.strip("# ") == "Results" else ""
        elif line.startswith("The rest of the candidates"):
            title = "rest"
        elif LISTED.match(line) and title:
            found.setdefault(title, []).append(LISTED.match(line)["name"])
    return found


def winners(folder: Path, candidates: tuple[str, ...]) -> list[str]:
    """Give the official winners as the ballots name them."""
    return [as_on_ballots(name, folder, candidates) for name in sections(folder)["winners"]]


def in_order(folder: Path) -> bool:
    """Say whether the winners were announced by number, or as a list without order."""
    after = results_of(folder).read_text().partition("## Winner")[2]
    return re.search(r"^\s*[0-9]+\.", after, re.MULTILINE) is not None


def committee_2017(folder: Path) -> tuple[str, str]:
    """Give the company that would have had too many, and who was passed over for it."""
    text = " ".join(results_of(folder).read_text().split())
    found = re.search(r"(?P<company>\w+) would be over-represented with this result, so (?P<name>.+?) must", text)
    return found["company"], found["name"]


def ranking(folder: Path, candidates: tuple[str, ...]) -> list[str]:
    """Give the official full ranking where one was published."""
    found = sections(folder)
    alone = folder / "ranking.md"
    if alone.exists():
        names = [match["name"] for match in map(LISTED.match, alone.read_text().splitlines()) if match]
    elif "ranking" in found:
        names = found["ranking"]
    else:
        names = found["winners"] + found["rest"] if "rest" in found else []
    return [as_on_ballots(name, folder, candidates) for name in names]


def as_on_ballots(name: str, folder: Path, candidates: tuple[str, ...]) -> str:
    """Find the candidate: by login, by "Name (@login)", by the candidates' own files, else by the nearest spelling."""
    link = LINK.search(name)
    if link:
        return next(one for one in candidates if one.casefold() == link["login"].casefold())
    if name in candidates:
        return name
    named = {own_name(path): path.stem.removeprefix("candidate-") for path in folder.glob("candidate-*.md")}
    if name in named:
        return next(one for one in candidates if one.casefold() == named[name].casefold())
    bare = {one.partition(" (@")[0]: one for one in candidates}
    (near,) = difflib.get_close_matches(name, bare, n=1, cutoff=0.8)
    return bare[near]


def own_name(path: Path) -> str:
    found = re.search(r"^name:\s*(.+?)\s*$", path.read_text(), re.MULTILINE)
    return found[1] if found else path.stem


def employers_2017(folder: Path) -> dict[str, str]:
    """Read the table of nominees and their companies."""
    rows = re.findall(r"^\[(.+?)\]\(\w[\w-]*\.md\)\s*\|\s*(.+?)\s*\|", (folder / "README.md").read_text(), re.MULTILINE)
    return {name: employer.strip() for name, employer in rows}
