"""From a planned release to one that may ship: the gate, its signature, its pages and its command."""

import io
import json
import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from benchmarks_runner.models import Build, Night, PlannedPoint, Verdict
from ci_gpu.catalogue import POINTS
from governance.actions.offices import begin_term, end_term
from governance.actions.releases import ReleaseRefused, name_evidence, plan_release, sign_off
from governance.gate import gate
from governance.models import Office, Release, SignOff, Term, User
from governance.policies.releases import may_plan_releases, may_sign, why_not_sign
from record.models import Event
from tests.factories.people import (
    SOURCE,
    a_build,
    a_night,
    a_person,
    a_release,
    a_signatory,
    an_account,
    an_area,
    an_office,
)
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]

pytestmark = pytest.mark.django_db

PASSED = {"softmax": "pass", "gemm": "pass", "adamw": "pass"}


def ready(verdicts: dict[str, str] = PASSED, **more: object) -> Release:
    """Return a release whose candidate was measured with these verdicts."""
    candidate, baseline = a_build(), a_build("2.13.0", kind=Build.Kind.RELEASE)
    return a_release(candidate=candidate, night=a_night(candidate, baseline, verdicts, **more))


def unmet(release: Release) -> dict[str, str]:
    """Return what holds a release: name → words."""
    return {requirement.name: requirement.words for requirement in gate(release).reasons}


def signed(release: Release, by: User) -> SignOff:
    return sign_off(release=release, evidence=gate(release).evidence, by=by)


# -- what the gate reads -------------------------------------------------------------------------------------------


def test_a_release_ships_when_every_point_passed_and_one_signed() -> None:
    release = ready()
    assert unmet(release) == {"signature": "Nobody has signed."}
    signed(release, a_signatory())
    stands = gate(release)
    assert stands.may_ship
    assert stands.sentence == "2.14.0 may ship. All 3 points passed. Ada Example signed."


def test_a_release_with_nothing_named_is_held_by_everything() -> None:
    release = a_release()
    assert unmet(release) == {
        "candidate": "No candidate build is named.",
        "night": "No night is named that measures the candidate.",
        "points": "No point has been measured.",
        "suite": "There is no verdict on the suite as a whole.",
        "signature": "Nobody can sign before the evidence is complete.",
    }
    assert gate(release).sentence == ("2.14.0 is held. No candidate build is named. 4 more requirements are not met.")


@pytest.mark.parametrize("word", ["fail", "broken", "inconclusive", ""])
def test_one_point_that_did_not_pass_holds_the_release(word: str) -> None:
    release = ready({**PASSED, "softmax": word})
    names = {"fail": "slower", "": "undecided"}
    assert unmet(release)["points"] == f"1 of 3 points did not pass: 1 {names.get(word, word)}."
    (held,) = gate(release).points
    assert (held.point, held.verdict) == ("softmax", word or "undecided")


def test_a_planned_point_without_a_verdict_never_passes_by_silence() -> None:
    release = ready(planned=("attention",))
    assert unmet(release)["points"] == "1 of 4 points did not pass: 1 undecided."


@pytest.mark.parametrize("suite", ["fail", "broken", "inconclusive", "", None])
def test_the_suite_as_a_whole_must_pass(suite: str | None) -> None:
    assert "suite" in unmet(ready(suite=suite))


def test_a_night_without_points_is_no_evidence() -> None:
    assert unmet(ready({}))["points"] == "No point has been measured."


@pytest.mark.parametrize("state", [state for state in Night.State if state != Night.State.DECIDED])
def test_only_a_decided_night_counts(state: str) -> None:
    assert "not decided" in unmet(ready(state=state))["night"]


def test_a_night_of_another_build_says_nothing() -> None:
    release = ready()
    release.candidate = a_build("2.14.0rc2")
    assert unmet(release)["night"] == f"Night {release.night.pk} measures torch 2.14.0rc1, not the candidate."


def test_a_night_of_the_build_against_itself_says_nothing() -> None:
    build = a_build()
    release = a_release(candidate=build, night=a_night(build, build, PASSED))
    assert "compares a build with itself" in unmet(release)["night"]
    Night.objects.update(kind=Night.Kind.AA)
    release.night.refresh_from_db()
    assert "compares a build with itself" in unmet(release)["night"]


def test_a_build_of_another_version_is_no_candidate() -> None:
    build, baseline = a_build("2.13.0"), a_build("2.12.0")
    release = a_release(candidate=build, night=a_night(build, baseline, PASSED))
    assert unmet(release)["candidate"] == "torch 2.13.0 is a build of 2.13.0, not of 2.14.0."


@pytest.mark.parametrize(
    ("built", "released", "counts"),
    [
        ("2.14.0rc3", "2.14.0", True),
        ("2.14.0", "2.14.0", True),
        ("2.14.0", "2.14", True),
        ("2.14.0rc3", "2.14", True),
        ("2.14.0+cpu", "2.14.0", True),
        ("2.14.0rc1", "2.14.0rc1", True),
        ("2.14.0rc2", "2.14.0rc1", False),
        ("2.14.0", "2.14.0rc1", False),
        ("2.14.0.post1", "2.14.0", False),
        ("2.14.0", "2.14.0.post1", False),
        ("2.14.0.dev20261101", "2.14.0", False),
        ("2.14.0.dev20261101+cpu", "2.14.0.dev20261101", False),
        ("1!2.14.0", "2.14.0", False),
        ("2.14.1", "2.14.0", False),
        ("main", "main", True),
    ],
)
def test_a_candidate_is_a_build_of_the_planned_version(built: str, released: str, counts: bool) -> None:
    release = a_release(released, candidate=a_build(built))
    assert ("candidate" not in unmet(release)) is counts


def test_a_development_build_says_why_it_is_no_candidate() -> None:
    release = a_release(candidate=a_build("2.14.0.dev20261101", kind=Build.Kind.NIGHTLY))
    assert unmet(release)["candidate"].startswith("torch 2.14.0.dev20261101 is a development build")


def test_a_sample_that_was_changed_on_purpose_is_never_shipped() -> None:
    release = ready()
    Build.objects.filter(pk=release.candidate_id).update(kind=Build.Kind.SAMPLE)
    release.candidate.refresh_from_db()
    assert "it is never shipped" in unmet(release)["candidate"]


def test_a_baseline_that_was_slowed_on_purpose_flatters_every_candidate() -> None:
    release = ready()
    baseline = release.night.baseline
    Build.objects.filter(pk=baseline.pk).update(kind=Build.Kind.SAMPLE)
    release.night.refresh_from_db()
    assert unmet(release)["night"] == (
        f"Night {release.night.pk} compares with torch 2.13.0, a sample that was changed on purpose."
    )


def test_a_point_that_holds_names_its_area_and_who_can_act() -> None:
    point = next(iter(POINTS.values()))
    office = an_office("looms", kind=Office.Kind.AREA, area=an_area(tags=point.areas))
    begin_term(office=office, person=a_person("Grace Example"), on=None, source=SOURCE, by=None)
    (held,) = gate(ready({point.id: "fail"})).points
    assert [(area.slug, [p.name for p in area.maintainers]) for area in held.areas] == [("looms", ["Grace Example"])]


# -- who may sign, and what a signature is worth ---------------------------------------------------------------------


def test_only_who_holds_a_signing_office_today_may_sign() -> None:
    release, today = ready(), timezone.localdate()
    former = a_signatory("former", "Mary Example")
    end_term(term=Term.objects.get(person=former.person), on=today, source=SOURCE, by=None)
    other = a_person("Grace Example")
    begin_term(office=an_office("other"), person=other, on=None, source=SOURCE, by=None)
    future = a_signatory("future", "Edith Example", since=today + timedelta(days=1))
    accounts = [
        an_account("nobody"),
        an_account("root", is_superuser=True),
        an_account("grace", person=other),
        former,
        future,
    ]
    for account in accounts:
        assert not may_sign(account, release), account
        with pytest.raises(PermissionDenied, match="an office that signs releases, held today"):
            signed(release, account)
    last_day = a_signatory("last", "Hedy Example")
    end_term(term=Term.objects.get(person=last_day.person), on=today + timedelta(days=1), source=SOURCE, by=None)
    assert may_sign(last_day, release)
    last_day.is_active = False
    assert not may_sign(last_day, release)


def test_nothing_can_be_signed_before_the_evidence_is_complete() -> None:
    release = ready({**PASSED, "softmax": "inconclusive"})
    with pytest.raises(PermissionDenied, match="evidence is not complete"):
        signed(release, a_signatory())
    assert not SignOff.objects.exists()
    assert not Event.objects.filter(kind="release.signed").exists()


def test_a_signature_is_in_the_record_with_the_digest_of_its_evidence() -> None:
    release = ready()
    signed(release, a_signatory())
    event = Event.objects.latest("position")
    assert (event.kind, event.actor, event.subject) == ("release.signed", "ada", "release/2.14.0")
    assert event.summary == "Ada Example signed the release 2.14.0 as office of core."
    assert event.data["evidence"] == gate(release).evidence == SignOff.objects.get().evidence


def test_one_signs_the_same_evidence_once() -> None:
    release, user = ready(), a_signatory()
    signed(release, user)
    assert why_not_sign(user, release) == "You have signed this evidence."
    with pytest.raises(PermissionDenied, match="You have signed"):
        signed(release, user)


def test_a_signature_stops_counting_when_a_verdict_changes() -> None:
    release, user = ready(), a_signatory()
    signed(release, user)
    assert gate(release).may_ship
    Verdict.objects.filter(point="softmax").update(estimate=0.001)
    stands = gate(release)
    assert not stands.may_ship
    assert "signed under other evidence" in stands.signatures[0].words
    assert may_sign(user, release)


def test_a_signature_stops_counting_when_its_signer_leaves_office() -> None:
    release, user = ready(), a_signatory()
    signed(release, user)
    assert gate(release).may_ship
    term = Term.objects.get(person=user.person)
    tomorrow = timezone.localdate() + timedelta(days=1)
    end_term(term=term, on=tomorrow, source=SOURCE, by=None)
    assert gate(release).may_ship
    assert not gate(release, on=tomorrow).may_ship
    assert "holds no office today" in gate(release, on=tomorrow).signatures[0].words


def test_naming_other_evidence_makes_signatures_stop_counting() -> None:
    release, user = ready(), a_signatory()
    signed(release, user)
    night = a_night(release.candidate, release.night.baseline, PASSED)
    release = name_evidence(release=release, candidate=release.candidate, night=night, by=user)
    assert unmet(release) == {"signature": "Nobody has signed."}
    assert Event.objects.latest("position").kind == "release.evidence_named"
    events = Event.objects.count()
    name_evidence(release=release, candidate=release.candidate, night=night, by=user)
    assert Event.objects.count() == events


def test_who_read_other_evidence_does_not_sign_what_stands_now() -> None:
    release, user = ready(), a_signatory()
    read = gate(release).evidence
    Verdict.objects.filter(point="softmax").update(estimate=0.004)
    with pytest.raises(ReleaseRefused, match="has changed since you read it"):
        sign_off(release=release, evidence=read, by=user)


def test_the_database_refuses_to_change_a_signature() -> None:
    signed(ready(), a_signatory())
    with pytest.raises(IntegrityError, match="UPDATE on governance_signoff is refused"), transaction.atomic():
        SignOff.objects.update(signed_at=timezone.now())
    with pytest.raises(IntegrityError, match="DELETE on governance_signoff is refused"), transaction.atomic():
        SignOff.objects.all().delete()


def test_nothing_is_half_signed_when_the_record_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    release, user = ready(), a_signatory()

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the second write fails")

    monkeypatch.setattr("record.append", refuse, raising=False)
    with pytest.raises(RuntimeError, match="second write"), transaction.atomic():
        signed(release, user)
    assert not SignOff.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_signs_once() -> None:
    release, user = ready(), a_signatory()
    evidence = gate(release).evidence
    together = threading.Barrier(3)
    ended: list[str] = []

    def sign() -> None:
        try:
            together.wait(timeout=30)
            sign_off(release=release, evidence=evidence, by=User.objects.get(pk=user.pk))
            ended.append("signed")
        except PermissionDenied:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(ended) == ["refused", "refused", "signed"]
    assert SignOff.objects.count() == 1


# -- planning ------------------------------------------------------------------------------------------------------


def test_signatories_and_who_has_the_permission_plan_releases() -> None:
    assert may_plan_releases(a_signatory())
    assert may_plan_releases(an_account("root", is_superuser=True))
    somebody = an_account("somebody")
    assert not may_plan_releases(somebody)
    with pytest.raises(PermissionDenied):
        plan_release(version="2.14.0", by=somebody)
    with pytest.raises(PermissionDenied):
        name_evidence(release=a_release(), candidate=None, night=None, by=somebody)


def test_a_version_is_planned_once_and_must_be_one() -> None:
    user = a_signatory()
    plan_release(version="2.14.0", by=user)
    assert Event.objects.latest("position").summary == "ada planned the release 2.14.0."
    for version, words in (("2.14.0", "planned already"), ("new", "no version"), ("../x", "no version")):
        with pytest.raises(ReleaseRefused, match=words):
            plan_release(version=version, by=user)


# -- the command -----------------------------------------------------------------------------------------------------


def asked(version: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("release_gate", version, *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_the_command_tells_by_its_status_and_in_words() -> None:
    release = ready()
    status, out = asked("2.14.0")
    assert status == 1
    assert out.startswith("2.14.0 is held. Nobody has signed.\n")
    assert "NOT MET  Nobody has signed. Can act: the lead and the core maintainers." in out
    signed(release, a_signatory())
    status, out = asked("2.14.0")
    assert (status, out.splitlines()[0]) == (0, "2.14.0 may ship. All 3 points passed. Ada Example signed.")
    assert asked("9.9.9") == (2, "No release 9.9.9 is planned.")


def test_the_command_prints_one_json_document() -> None:
    point = next(iter(POINTS.values()))
    ready({point.id: "fail", "gemm": "pass"})
    status, out = asked("2.14.0", "--json")
    document = json.loads(out)
    assert status == 1
    assert (document["may_ship"], document["candidate"]) == (False, "torch 2.14.0rc1")
    assert [(p["point"], p["verdict"]) for p in document["points"]] == [(point.id, "fail")]
    assert {r["name"]: r["met"] for r in document["requirements"]} == {
        "candidate": True,
        "night": True,
        "suite": True,
        "points": False,
        "signature": False,
    }


# -- the pages -------------------------------------------------------------------------------------------------------


def test_without_releases_the_page_says_what_will_be_here(client: Client) -> None:
    page = client.get("/releases/").content.decode()
    assert "No release is planned." in page
    assert "Plan a release" not in page
    client.force_login(a_signatory())
    assert "Plan a release" in client.get("/releases/").content.decode()


def test_the_pages_begin_with_the_gates_sentence(client: Client) -> None:
    release = ready({**PASSED, "softmax": "fail"})
    for address in ("/releases/", "/releases/2.14.0/"):
        assert escape(gate(release).sentence) in client.get(address).content.decode()
    a_release("2.15.0")
    assert "2 releases are planned; all are held." in client.get("/releases/").content.decode()
    assert client.get("/releases/3.0/").status_code == 404


def test_a_release_is_planned_named_and_signed_on_its_pages(client: Client) -> None:
    user = a_signatory()
    client.force_login(user)
    candidate, baseline = a_build(), a_build("2.13.0", kind=Build.Kind.RELEASE)
    night = a_night(candidate, baseline, PASSED)
    assert client.post("/releases/new/", {"version": "2.14.0"}).headers["Location"] == "/releases/2.14.0/"
    assert "planned already" in client.post("/releases/new/", {"version": "2.14.0"}).content.decode()
    client.post("/releases/2.14.0/evidence/", {"version": "9.9", "candidate": candidate.pk, "night": night.pk})
    release = Release.objects.get()
    assert (release.version, release.candidate, release.night) == ("2.14.0", candidate, night)
    page = client.get("/releases/2.14.0/")
    assert "Sign 2.14.0" in page.content.decode()
    assert "Read and sign 2.14.0" in client.get("/portal/").content.decode()
    client.post("/releases/2.14.0/sign/", {"evidence": page.context["gate"].evidence})
    page = client.get("/releases/2.14.0/").content.decode()
    assert "2.14.0 may ship." in page
    assert "You signed 2.14.0." in page
    assert "Sign 2.14.0" not in page
    assert "Ada Example signed the release 2.14.0 as office of core." in page


def test_readers_see_the_gate_and_no_button(client: Client) -> None:
    ready()
    page = client.get("/releases/2.14.0/").content.decode()
    assert "Nobody has signed." in page
    assert '<button type="submit">Sign' not in page
    assert "Name candidate and night" not in page
    for address in ("/releases/new/", "/releases/2.14.0/evidence/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")
    assert client.post("/releases/2.14.0/sign/").headers["Location"].startswith("/accounts/login/")


def test_who_may_not_sign_is_told_why_and_refused(client: Client) -> None:
    release = ready()
    client.force_login(an_account("grace"))
    assert "your account acts for nobody who holds one" in client.get("/releases/2.14.0/").content.decode()
    evidence = gate(release).evidence
    assert client.post("/releases/2.14.0/sign/", {"evidence": evidence}).status_code == 403
    assert client.get("/releases/new/").status_code == 403
    assert not SignOff.objects.exists()


def test_signing_what_has_changed_is_told_and_not_done(client: Client) -> None:
    ready()
    client.force_login(a_signatory())
    response = client.post("/releases/2.14.0/sign/", {"evidence": "0" * 64}, follow=True)
    assert "The evidence has changed since you read it" in response.content.decode()
    assert not SignOff.objects.exists()


# -- the portal ------------------------------------------------------------------------------------------------------


def test_the_portal_is_for_accounts(client: Client) -> None:
    assert client.get("/portal/").headers["Location"] == "/accounts/login/?next=/portal/"
    client.force_login(an_account("grace"))
    assert "acts for no known person yet" in client.get("/portal/").content.decode()


def test_the_portal_says_what_awaits_me(client: Client) -> None:
    user = a_signatory()
    office = an_office("looms", kind=Office.Kind.AREA, area=an_area())
    begin_term(office=office, person=user.person, on=date(2020, 1, 1), source=SOURCE, by=None)
    client.force_login(user)
    response = client.get("/portal/")
    assert response.context["sentence"] == "Nothing awaits you; you maintain 1 area, Looms alone."
    ready()
    assert client.get("/portal/").context["sentence"] == (
        "Your signature under 2.14.0 is awaited; you maintain 1 area, Looms alone."
    )
    PlannedPoint.objects.create(night=Night.objects.get(), point="late", clock="wall")
    response = client.get("/portal/")
    assert response.context["sentence"].startswith("Nothing awaits you")
    assert "1 of 4 points did not pass" in response.content.decode()
