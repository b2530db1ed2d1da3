"""The command on real folders and on damaged ones: counts beside the shell's, a second run, no partial write."""

import io
import json
import random
import subprocess
from datetime import date

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils.html import escape

from ecosystem.models import Area, Person
from governance.actions.sample_project import load_sample_project
from governance.actions.undoing import undo_import
from governance.models import Import, ImportUnread, Office, Term
from governance.policies.imports import may_import
from governance.queries.offices import core_maintainers, leads
from record.models import Event
from tests.factories.people import a_project, a_signatory, an_account
from tests.factories.sources import DAMAGES, real_folder
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]

pytestmark = pytest.mark.django_db

PERSONS = "docs/source/community/persons_of_interest"
PAGE = """\
# Loom | Maintainers

## Lead Core Maintainer

- Ada Example ([ada](https://github.com/ada))

## Core Maintainers

- Bert Example ([bert](https://github.com/bert))
- Cora Example ([cora](https://github.com/cora))

## Core Module maintainers

### Shuttle

- Cora Example ([cora](https://github.com/cora))
- (emeritus) Ada Example ([ada](https://github.com/ada))
- what is this line ([](x

### Heddle

- Dora Unlinked
"""
SIGS = """\
sigs:
  - dir: sig-loom
    name: Loom
    mission_statement: weave
    label: loom
    leadership:
      chairs:
        - github: ada
          name: Ada Example
          company: Loom Works
      tech_leads:
        - github: bert
          name: Bert Example
          company: ""
    subprojects:
      - name: shuttle
        owners:
          - https://raw.githubusercontent.com/loom/shuttle/main/OWNERS
workinggroups: []
usergroups: []
committees: []
"""
ALIASES = "aliases:\n  sig-loom-leads:\n    - ada\n    - bert\n"
PERSON = 'name = "Ada Example"\ngithub = "ada"\ngithub-id = 7\n'
TEAM = 'name = "weavers"\n[people]\nleads = ["ada"]\nmembers = ["ada", "bert"]\nalumni = []\n'
PEPS = json.dumps(
    [{"PEP": "1", "Title": "Weave", "Author": "Ada Example", "Status": "Active", "Created": "01-Feb-2003"}]
)
VOTES = json.dumps({"title": "Weave?", "votes": {"ada": 1, "bert": -1}})
KEP = "title: Weave\nkep-number: 12\nauthors:\n  - '@ada'\nowning-sig: sig-loom\nstatus: implementable\n"
SMALL = {
    "pytorch": {f"{PERSONS}.md": PAGE, "CODEOWNERS": "/shuttle/ @ada @bert\n"},
    "kubernetes": {"sigs.yaml": SIGS, "OWNERS_ALIASES": ALIASES, "OWNERS": "approvers:\n  - sig-loom-leads\n"},
    "rust": {"people/ada.toml": PERSON, "people/bert.toml": PERSON.replace("ada", "bert").replace("7", "8"),
             "teams/weavers.toml": TEAM},
    "keps": {"keps/sig-loom/12-weave/kep.yaml": KEP, "OWNERS_ALIASES": ALIASES},
    "peps": {"headers.json": PEPS},
    "node_votes": {"votes/2021-02-03-0.json": VOTES},
}  # fmt: skip


def run(source, *arguments):
    """Return the document of one run."""
    out = io.StringIO()
    call_command("import_governance", str(source), *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def lay(folder, files):
    """Write files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def rows_everywhere():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def nothing_differs(document):
    return not (document["added"] or document["changed"] or document["ended"])


def shell(command, folder):
    """Return the number that a few words of shell count in a folder."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True, text=True)
    return int(done.stdout)


# -- real folders beside the shell -----------------------------------------------------------------------------------

AFTER = "sed -n '/^## Lead/,$p' main-2026/docs/source/community/persons_of_interest.7f149bc3.md"
ALIAS_NAMES = "sed -nE 's/^  ([a-z0-9-]+):.*/\\1/p' OWNERS_ALIASES"
LISTED = r"""
find . -name OWNERS | xargs sed -nE 's/^ *- ([A-Za-z0-9-]+)( *#.*)?$/\1/p'
sed -nE 's/^ +- *([A-Za-z0-9-]+).*$/\1/p' OWNERS_ALIASES
"""
TEAMS = r"""
find . -name org.yaml -o -name teams.yaml | xargs awk '/^ *(members|admins|maintainers):/{on=1;next}
    /^ *[a-z_A-Z-]+:/{on=0} on&&/^ *- /{gsub("\"","");print $2}'
"""
SUBPROJECTS = r"""
awk '/^    subprojects:/{s=1;next} /^    [a-z]/{s=0} /^  - /{s=0} s&&/^      - name:/' sigs.yaml
grep -E '^  - dir:' sigs.yaml | grep -v committee-steering
"""
# What the projects themselves say is a program's: Kubernetes' team of bots and its robots, Rust's list under "# Bots."
BOTS_OF_KUBERNETES = r"""
awk '/^  bots:/{on=1;next} /^  [a-z]/{on=0} on&&/^ +- /{print $2}' config/kubernetes/org.yaml
grep -rhoE 'k8s-infra-[a-z-]+-robot' config
"""
BOTS_OF_RUST = r"""
sed -n '/# Bots\./,/# [^B]/p' config.toml | grep -oE '"[^"]+"' | tr -d '"' |
    while read login; do grep -lixE "github = ['\"]$login['\"]" people/*.toml; done
"""
ONCE = f"tr A-Z a-z | sort -u | grep -vxF -f <({ALIAS_NAMES}) | wc -l"

# What a few lines of shell count, each said once: a lead is a core maintainer too; a template is no proposal.
COUNTS = {
    "pytorch": {
        "people": f"echo $(( $({AFTER} | grep -oiE 'github\\.com/[A-Za-z0-9-]+' | tr A-Z a-z | sort -u | wc -l)"
        f" + $({AFTER} | grep -E '^- ' | grep -vc github.com) ))",
        "areas": f"{AFTER} | grep -cE '^###'",
        "offices": f"echo $(( $({AFTER} | grep -cE '^###') + 2 ))",
        "terms": f"echo $(( $({AFTER} | grep -cE '^- ') + 1 ))",
        "proposals": "echo 0",
    },
    "kubernetes-community": {
        "people": f"{{ grep -hoE 'github: *[^ ]+' sigs.yaml | awk '{{print $2}}'; {LISTED} }} | {ONCE}",
        "areas": f"echo $(( $({{ {SUBPROJECTS} }} | wc -l) + $(find . -name OWNERS | wc -l)"
        " + $(grep -cE '^  \"\\(\\?i\\)charter' OWNERS) ))",
        "proposals": "echo 0",
    },
    "kubernetes-org": {
        "people": f"{{ {LISTED} {TEAMS} }} | grep -vxF -f <({BOTS_OF_KUBERNETES}) | {ONCE}",
        "areas": "echo $(( $(find . -name org.yaml -o -name teams.yaml | xargs grep -h 'privacy:' | wc -l)"
        " + $(find . -name OWNERS | wc -l) ))",
        "proposals": "echo 0",
    },
    "kubernetes-enhancements": {
        "proposals": "find keps -name kep.yaml -not -path '*template*' | wc -l",
    },
    "rust-lang-team": {
        "people": f"echo $(( $(ls people/*.toml | wc -l) - $({{ {BOTS_OF_RUST} }} | wc -l) ))",
        "areas": "find teams -name '*.toml' -not -name leadership-council.toml | wc -l",
        "proposals": "echo 0",
    },
    "python-peps": {"proposals": "grep -c '\"PEP\":' headers.json", "terms": "echo 0"},
    "pytorch-rfcs": {"proposals": "ls RFC-*.md | grep -vc template", "terms": "echo 0"},
    "rust-rfcs": {"proposals": "ls text/*.md | wc -l", "terms": "echo 0"},
    "nodejs-TSC": {"proposals": "ls votes/*.json | wc -l", "areas": "echo 0", "terms": "echo 0"},
    "nixos-sc-2025": {"people": "tail -n +2 eligible.csv | wc -l", "areas": "echo 0"},
    "elekto": {"people": "echo 0", "areas": "echo 0", "offices": "echo 0", "proposals": "echo 0"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTS)
def test_every_real_folder_counts_as_the_shell_does_and_a_second_import_is_empty(name):
    folder = real_folder(name)
    document = run(folder)
    expected = {what: shell(command, folder) for what, command in COUNTS[name].items()}
    assert {what: document[what] for what in expected} == expected
    before = rows_everywhere()
    assert nothing_differs(run(folder))
    assert rows_everywhere() == before
    assert ImportUnread.objects.count() == len(document["unread"])


@pytest.mark.slow
def test_real_revisions_of_pytorch_date_the_lead_whom_the_sample_already_knows():
    folder = real_folder("pytorch")
    load_sample_project(by=None)
    people = Person.objects.count()
    page = folder / "main-2026" / "docs" / "source" / "community"
    for source, on in (
        (page / "persons_of_interest.7f149bc3.md", "2026-05-15"),
        (folder / "2.6.0", "2025-01-29"),
        (page / "persons_of_interest.0c2702b7.md", "2026-05-14"),
    ):
        run(source, "--as-of", on)
    assert Office.objects.filter(kind="lead", project__kept=True).count() == 1
    assert Person.objects.filter(identities__value__iexact="alband").count() == 1
    assert Person.objects.count() > people
    assert [term.person.name for term in leads(date(2026, 6, 1))] == ["Alban Desmaison"]
    before = set(core_maintainers(date(2026, 5, 14)).values_list("person__slug", flat=True))
    after = set(core_maintainers(date(2026, 6, 1)).values_list("person__slug", flat=True))
    assert before == after  # the lead is one of them, whether or not the page repeats him
    for imported in Import.objects.filter(state="applied").order_by("-pk"):
        undo_import(imported=imported, by=None)
    assert Person.objects.count() == people


@pytest.mark.slow
def test_both_orders_of_real_revisions_give_the_same_terms():
    folder = real_folder("pytorch")
    revisions = ((folder / "2.6.0", "2025-01-29"), (folder / "main-2026", "2026-05-15"))
    seen = []
    for order in (revisions, revisions[::-1]):
        done = [run(source, "--as-of", on)["import"] for source, on in order]
        seen.append(sorted(Term.objects.values_list("office__slug", "person__name", "standing", "held"), key=str))
        for number in reversed(done):
            undo_import(imported=Import.objects.get(pk=number), by=None)
    assert seen[0] == seen[1]
    assert not Term.objects.exists()


# -- damaged sources -------------------------------------------------------------------------------------------------


def damaged(count, seed=3):
    """Yield sources, one file of each of them damaged, format after format."""
    chance = random.Random(seed)
    names = sorted(SMALL)
    for number in range(count):
        files = {path: text.encode() for path, text in SMALL[names[number % len(names)]].items()}
        path = chance.choice(sorted(files))
        for _ in range(chance.randint(1, 3)):
            if files[path]:
                files[path] = chance.choice(DAMAGES)(files[path], chance)
        yield names[number % len(names)], files


@pytest.mark.slow
def test_two_hundred_damaged_sources_give_one_line_or_a_whole_import(tmp_path):
    refused = imported = 0
    for number, (format, files) in enumerate(damaged(200)):
        folder = lay(tmp_path / str(number), files)
        before = rows_everywhere()
        told, status, after = "", 2, before
        with transaction.atomic():
            try:
                document = run(folder, "--format", format, "--as-of", "2021-01-01")
            except CommandError as error:
                refused += 1
                told, status, after = str(error), error.returncode, rows_everywhere()
            else:
                imported += 1
                assert nothing_differs(run(folder, "--format", format, "--as-of", "2021-01-01"))
                assert len(document["unread"]) == ImportUnread.objects.filter(imported=document["import"]).count()
            transaction.set_rollback(True)
        assert (status, "\n" in told, after) == (2, False, before)
    assert refused > 10
    assert imported > 50


@pytest.mark.slow
def test_damaged_revisions_after_a_sound_one_are_undone_without_a_trace(tmp_path):
    for format, files in SMALL.items():
        run(lay(tmp_path / format, files), "--format", format, "--as-of", "2021-01-01")
    before = sorted(Term.objects.values_list("office__slug", "person__slug", "standing", "held"), key=str)
    done = 0
    for number, (format, files) in enumerate(damaged(60, seed=11)):
        try:
            document = run(lay(tmp_path / f"{number}", files), "--format", format, "--as-of", "2022-01-01")
        except CommandError:
            continue
        undo_import(imported=Import.objects.get(pk=document["import"]), by=None)
        done += 1
        assert sorted(Term.objects.values_list("office__slug", "person__slug", "standing", "held"), key=str) == before
    assert done > 15


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", SMALL)
def test_each_small_source_is_recognised_and_read_twice_alike(tmp_path, format):
    folder = lay(tmp_path, SMALL[format])
    first = run(folder, "--as-of", "2021-01-01")
    assert first["format"] == format
    assert first["state"] == "applied"
    assert first["people"] or first["proposals"]
    assert nothing_differs(run(folder, "--as-of", "2021-01-01"))


def test_the_document_says_everything_with_file_and_line(tmp_path):
    document = run(lay(tmp_path, SMALL["pytorch"]), "--as-of", "2021-01-01")
    assert {"people", "offices", "terms", "areas", "proposals", "added", "changed", "ended", "unread"} <= set(document)
    lines = PAGE.splitlines()
    left = next(one for one in document["unread"] if "what is this line" in one["text"])
    assert lines[left["line"] - 1] == left["text"]
    began = next(one for one in document["added"] if one["what"] == "term" and "Dora Unlinked" in one["words"])
    assert lines[began["line"] - 1] == "- Dora Unlinked"


def test_a_dry_run_tells_the_same_and_writes_nothing(tmp_path):
    folder = lay(tmp_path, SMALL["kubernetes"])
    before = rows_everywhere()
    told = run(folder, "--dry-run", "--as-of", "2021-01-01")
    assert rows_everywhere() == before
    done = run(folder, "--as-of", "2021-01-01")
    assert told["added"] == done["added"]
    assert (told["state"], done["state"]) == ("dry run", "applied")


def test_a_single_file_is_recognised_by_its_folders(tmp_path):
    folder = lay(tmp_path, SMALL["rust"])
    document = run(folder / "teams" / "weavers.toml", "--as-of", "2021-01-01")
    assert document["files"] == ["teams/weavers.toml"]


def test_a_part_of_a_tree_ends_no_term_elsewhere(tmp_path):
    folder = lay(tmp_path, {**SMALL["rust"], "teams/dyers.toml": TEAM.replace("weavers", "dyers")})
    run(folder, "--as-of", "2021-01-01")
    document = run(folder / "teams" / "weavers.toml", "--as-of", "2022-01-01")
    assert document["ended"] == []


def test_several_revisions_side_by_side_are_read_at_the_newest_and_the_others_are_told(tmp_path):
    older = PAGE.replace("Bert", "Berta")
    lay(tmp_path, {f"1.9.0/{PERSONS}.rst": "x", f"1.10.0/{PERSONS}.md": PAGE, f"1.9.1/{PERSONS}.md": older})
    document = run(tmp_path)
    assert document["files"] == [f"1.10.0/{PERSONS}.md"]
    others = {one["file"] for one in document["unread"] if one["line"] == 0}
    assert others == {f"1.9.0/{PERSONS}.rst", f"1.9.1/{PERSONS}.md"}
    assert run(tmp_path, "--revision", "1.9.1")["files"] == [f"1.9.1/{PERSONS}.md"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "There is no file or folder"),
        ([".", "--as-of", "yesterday"], "is no day"),
        ([".", "--format", "loom"], "No format is called"),
        (["github:loom/works"], "write github:ORG"),
        (["github:loom"], "GITHUB_TOKEN is not set"),
        (["github:loom", "--revision", "v1"], "leave --revision"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    before = rows_everywhere()
    with pytest.raises(CommandError, match=told) as error:
        run(*arguments)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    assert rows_everywhere() == before


def test_words_for_a_terminal_say_what_was_read_what_changed_and_what_was_left(tmp_path):
    out = io.StringIO()
    call_command("import_governance", str(lay(tmp_path, SMALL["pytorch"])), "--as-of", "2021-01-01", stdout=out)
    told = out.getvalue()
    assert "read as pytorch of 2021-01-01 (as --as-of says)" in told
    assert "Applied as import" in told
    assert f"{PERSONS}.md:18: - what is this line ([](x" in told


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def proposed(tmp_path):
    a_project("pytorch")
    return Import.objects.get(pk=run(lay(tmp_path, SMALL["pytorch"]), "--propose", "--as-of", "2021-01-01")["import"])


def client_of(account):
    client = Client()
    client.force_login(account)
    return client


@pytest.mark.usefixtures("collected_static")
def test_anybody_sees_an_import_with_its_lines_and_only_those_who_may_see_the_button(proposed):
    assert "Import" in Client().get("/imports/").content.decode()
    page = Client().get(proposed.get_absolute_url()).content.decode()
    assert "Not applied yet: it adds" in page
    assert escape("what is this line") in page
    assert f"{PERSONS}.md:18" in page
    assert "Apply this import" not in page
    assert "Only the lead" in client_of(an_account("zora")).get(proposed.get_absolute_url()).content.decode()
    admin = client_of(an_account("root", is_superuser=True)).get(proposed.get_absolute_url()).content.decode()
    assert "Apply this import" in admin


@pytest.mark.usefixtures("collected_static")
def test_an_import_is_applied_and_undone_on_its_page(proposed):
    a_project("pytorch")
    client = client_of(an_account("root", is_superuser=True))
    seen = client.get(proposed.get_absolute_url()).context["seen"]
    page = client.post(f"{proposed.get_absolute_url()}apply/", {"seen": seen}, follow=True).content.decode()
    assert "was applied" in page
    assert Area.objects.filter(name="Shuttle").exists()
    assert "Undo the whole import" in page
    page = client.post(f"{proposed.get_absolute_url()}undo/", follow=True).content.decode()
    assert "was undone" in page
    assert not Area.objects.filter(name="Shuttle").exists()
    assert Event.objects.filter(subject=proposed.subject).count() == 3


@pytest.mark.usefixtures("collected_static")
def test_who_holds_no_such_office_may_not_apply_or_undo(proposed):
    for name in ("apply", "undo"):
        assert client_of(an_account(f"zora-{name}")).post(f"{proposed.get_absolute_url()}{name}/").status_code == 403
        assert Client().post(f"{proposed.get_absolute_url()}{name}/").status_code == 302
    assert Import.objects.get().state == "proposed"


def test_the_lead_core_maintainers_and_administrators_may_and_nobody_by_a_flag():
    assert may_import(a_signatory("weaver", "Weaver Example"))
    assert not may_import(an_account("zora", is_staff=True))
    assert may_import(an_account("root", is_superuser=True))
    assert not may_import(an_account("gone", is_superuser=True, is_active=False))


@pytest.mark.usefixtures("collected_static")
def test_what_stands_in_the_way_of_undoing_is_named_on_the_page(proposed):
    client = client_of(an_account("root", is_superuser=True))
    client.post(f"{proposed.get_absolute_url()}apply/")
    Person.objects.filter(name="Bert Example").update(name="Bert van Example")
    page = client.post(f"{proposed.get_absolute_url()}undo/", follow=True).content.decode()
    assert "was changed here since" in page
    assert Import.objects.get().state == "applied"


@pytest.mark.usefixtures("collected_static")
def test_an_empty_list_says_what_will_be_there_and_the_command_that_fills_it():
    page = Client().get("/imports/").content.decode()
    assert "Nothing was imported yet." in page
    assert "import_governance SOURCE" in page
