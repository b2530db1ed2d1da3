"""The performance pages: what they say, what they offer to whom, and that each number leads somewhere."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from benchmarks_runner.models import Build, Bundle, Device, Night, Verdict
from benchmarks_runner.providers import AreaNote, PersonNote, forget_area_provider, register_area_provider
from governance.models import User
from record.models import Event
from tests.factories.measured import a_device, a_measured_night, an_installed_build
from tests.factories.people import a_signatory
from tests.site_fixtures import collected_static

__all__ = ["collected_static"]
pytestmark = pytest.mark.django_db

SLOWER = {"softmax.float32.rows": 1.5, "optimizer.float32.adamw": 1.4}


@pytest.fixture
def night() -> Night:
    """Have a decided night in which two of four points are slower."""
    return a_measured_night(SLOWER)


@pytest.fixture
def warden(client: Client) -> Client:
    """Be somebody who may run nights."""
    client.force_login(a_signatory("warden", "Wanda Example"))
    return client


def text_of(client: Client, address: str, status: int = 200, **headers: str) -> str:
    response = client.get(address, headers=headers or None)
    assert response.status_code == status
    return response.content.decode()


def test_empty_pages_say_what_fills_them(client: Client) -> None:
    for address in ("/nights/", "/builds/", "/machines/", "/"):
        text = text_of(client, address)
        assert 'class="empty"' in text, address
        assert "python3 manage.py" in text, address


def test_a_decided_night_says_what_is_slower_before_anything_else(client: Client, night: Night) -> None:
    text = text_of(client, f"/nights/{night.pk}/")
    assert night.state == Night.State.DECIDED
    assert '<p class="lede fail">2 of 4 points are slower, by 4.' in text
    assert text.index("softmax.float32.rows") < text.index("gemm.float32.square"), "what failed comes first"
    assert "hx-get" not in text, "a night that has ended is not polled"
    assert "ATEN_CPU_CAPABILITY" in text[text.index('id="builds"') :], "the page says how the builds differ"


def test_the_interval_of_each_point_is_drawn_without_a_script(client: Client, night: Night) -> None:
    text = text_of(client, f"/nights/{night.pk}/")
    assert text.count('<svg class="interval ') == 5, "four points and the suite"
    assert text.count('class="margin"') == 5


def test_near_one_the_far_points_leave_the_axis(client: Client, night: Night) -> None:
    assert text_of(client, f"/nights/{night.pk}/?axis=near").count('class="beyond"') >= 2
    assert 'class="beyond"' not in text_of(client, f"/nights/{night.pk}/")


def test_a_failing_point_names_its_area_and_maintainers(client: Client, night: Night) -> None:
    note = AreaNote("looms", "Looms", "/areas/looms/", (PersonNote("Ada Example", "/people/ada/", "weaver"),))

    def provider(tags: object) -> list[AreaNote]:
        return [note] if "optimizers" in tags else []  # type: ignore[operator]

    register_area_provider(provider)
    try:
        text = text_of(client, f"/nights/{night.pk}/")
        point = text_of(client, f"/nights/{night.pk}/points/optimizer.float32.adamw/")
    finally:
        forget_area_provider(provider)
    assert "Ada Example" in text[text.index('id="concerned"') :]
    assert "Ada Example" in point


def test_a_running_night_is_polled_until_it_ends(client: Client) -> None:
    night = a_measured_night(SLOWER, rounds=2)
    page = text_of(client, f"/nights/{night.pk}/")
    assert 'hx-trigger="every 2s"' in page
    assert '<p class="lede live">Round 3 is being measured' in page
    fragment = text_of(client, f"/nights/{night.pk}/", HX_Request="true")
    assert fragment.lstrip().startswith('<div id="night-live"')
    assert "<html" not in fragment
    Night.objects.filter(pk=night.pk).update(state="cancelled", ended_at=night.started_at)
    assert "hx-get" not in text_of(client, f"/nights/{night.pk}/", HX_Request="true"), "polling ends with the night"


def test_a_page_and_its_fragment_are_never_taken_for_one_another(client: Client, night: Night) -> None:
    assert "HX-Request" in client.get(f"/nights/{night.pk}/")["Vary"]


def test_an_unchanged_fragment_is_not_sent_again(client: Client, night: Night) -> None:
    address = f"/nights/{night.pk}/"
    seen = client.get(address, headers={"HX-Request": "true"}).context["seen"]
    assert client.get(f"{address}?seen={seen}", headers={"HX-Request": "true"}).status_code == 204
    assert client.get(f"{address}?seen=other", headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize(
    ("point", "lede"),
    [
        ("softmax.float32.rows", "4."),
        ("gemm.float32.square", "No slower than its margin allows"),
    ],
)
def test_a_point_says_what_was_found_and_how_to_reproduce_it(
    client: Client, night: Night, point: str, lede: str
) -> None:
    text = text_of(client, f"/nights/{night.pk}/points/{point}/")
    assert f'<p class="lede {night.verdicts.get(point=point).verdict}">{lede}' in text
    assert f"--point {point}" in text
    assert "ATEN_CPU_CAPABILITY=default" in text
    for plot in ("plot-pairs", "plot-evidence"):
        assert f'<script id="{plot}" type="application/json">' in text
    assert "assume one thing more" in text, "the assumption that a pass leans on is said"


def test_a_broken_point_shows_what_went_wrong(client: Client) -> None:
    night = a_measured_night(out_of_memory="gemm.float32.square")
    assert night.verdicts.get(point="gemm.float32.square").verdict == Verdict.Word.BROKEN
    text = text_of(client, f"/nights/{night.pk}/points/gemm.float32.square/")
    assert "tried to allocate 3.1 GB" in text
    assert "ran out of memory" in text
    assert "1 of 4 points is broken" in text_of(client, f"/nights/{night.pk}/")


def test_a_point_that_the_night_does_not_have_is_not_found(client: Client, night: Night) -> None:
    text_of(client, f"/nights/{night.pk}/points/no.such.point/", 404)
    text_of(client, "/nights/999/", 404)


def test_the_files_hold_what_the_page_shows(client: Client, night: Night) -> None:
    rows = text_of(client, f"/nights/{night.pk}/verdicts.csv").splitlines()
    assert rows[0].startswith("point,verdict,estimate,low,high,pairs_used")
    assert len(rows) == 5
    document = json.loads(text_of(client, f"/nights/{night.pk}/night.json"))
    assert {point["point"] for point in document["points"]} == {row.split(",")[0] for row in rows[1:]}
    pairs = text_of(client, f"/nights/{night.pk}/points/softmax.float32.rows/pairs.csv").splitlines()
    assert len(pairs) == 1 + night.verdicts.get(point="softmax.float32.rows").pairs_used


def test_a_night_asks_the_database_no_more_for_more_points(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    night = a_measured_night(SLOWER, points=[*SLOWER, "gemm.float32.square", "model.tree.training"])
    with django_assert_max_num_queries(40):
        client.get(f"/nights/{night.pk}/")


# -- who may do what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cancel_night", "run_night_again", "extend_night"])
def test_nobody_acts_on_a_night_without_the_permission(client: Client, night: Night, name: str) -> None:
    address = reverse(f"benchmarks_runner:{name}", args=[night.pk])
    assert client.post(address).headers["Location"].startswith("/accounts/login/")
    client.force_login(User.objects.create_user("reader", password="loom and needle"))
    response = client.post(address, {"rounds": 3})
    assert response.status_code == 403
    assert "run night" in response.content.decode()
    night.refresh_from_db()
    assert (night.state, Night.objects.count()) == (Night.State.DECIDED, 1)


def test_buttons_are_shown_to_those_who_may_press_them(warden: Client, night: Night) -> None:
    text = text_of(warden, f"/nights/{night.pk}/")
    assert "Run again" in text
    assert "Cancel this night" not in text
    warden.logout()
    assert "Run again" not in text_of(warden, f"/nights/{night.pk}/")


def test_a_running_night_is_cancelled_by_its_button(warden: Client) -> None:
    night = a_measured_night(SLOWER, rounds=2)
    response = warden.post(f"/nights/{night.pk}/cancel/", follow=True)
    assert '<p class="lede">Cancelled by warden, before every point was decided. 2 measured rounds are kept.' in (
        response.content.decode()
    )
    again = warden.post(f"/nights/{night.pk}/cancel/", follow=True).content.decode()
    assert "only a night that has not ended can be cancelled" in again


def test_running_again_makes_a_night_of_its_own(warden: Client, night: Night) -> None:
    response = warden.post(f"/nights/{night.pk}/again/")
    newest = Night.objects.latest("pk")
    assert newest.pk != night.pk
    assert response.headers["Location"] == f"/nights/{newest.pk}/"


def test_more_rounds_are_refused_in_words_where_nothing_is_open(warden: Client, night: Night) -> None:
    for rounds in ("5", "many", "-1", ""):
        text = warden.post(f"/nights/{night.pk}/more-rounds/", {"rounds": rounds}, follow=True).content.decode()
        assert 'class="notice fail"' in text
    night.refresh_from_db()
    assert night.state == Night.State.DECIDED


def test_an_inconclusive_night_goes_on_for_more_rounds(warden: Client) -> None:
    night = a_measured_night({"gemm.float32.square": 0.012}, points=["gemm.float32.square"], cap=4)
    assert night.verdicts.get(point="gemm.float32.square").verdict == Verdict.Word.INCONCLUSIVE
    text = warden.post(f"/nights/{night.pk}/more-rounds/", {"rounds": "6"}, follow=True).content.decode()
    assert "gets 6 more rounds" in text
    night.refresh_from_db()
    assert (night.state, night.rounds_cap) == (Night.State.RUNNING, 10)


# -- the form ----------------------------------------------------------------------------------------------------


def test_the_form_is_for_those_who_may_run_nights(client: Client) -> None:
    assert client.get("/nights/new/").headers["Location"].startswith("/accounts/login/")
    client.force_login(User.objects.create_user("reader", password="loom and needle"))
    assert client.get("/nights/new/").status_code == 403


def test_the_form_asks_for_a_night_and_leads_to_it(warden: Client) -> None:
    device = a_device()
    values = {"candidate": "torch==2.13.0,ATEN_CPU_CAPABILITY=default", "baseline": "torch==2.13.0", "suite": "smoke"}
    response = warden.post("/nights/new/", {**values, "device": device.pk})
    night = Night.objects.get()
    assert response.headers["Location"] == f"/nights/{night.pk}/"
    assert (night.requested_by, night.candidate.bundle.variables) == ("warden", {"ATEN_CPU_CAPABILITY": "default"})
    assert Event.objects.filter(kind="night.requested", subject=f"night/{night.pk}", actor="warden").exists()


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        ("torch", "write torch==VERSION"),
        ("torch=2.13.0", "two equal signs"),
        ("https://example.org/torch.whl", "an address is not part of a bundle"),
        ("-r requirements.txt", "options are not part of a bundle"),
        ("", "This field is required"),
    ],
)
def test_a_wrong_specification_is_answered_with_what_to_write(warden: Client, candidate: str, words: str) -> None:
    response = warden.post("/nights/new/", {"candidate": candidate, "baseline": "torch==2.13.0", "suite": "smoke"})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Night.objects.count() == 0


def test_the_form_shows_what_would_be_installed_at_an_address_of_its_own(warden: Client) -> None:
    an_installed_build()
    query = {"candidate": "torch==2.14.1,ATEN_CPU_CAPABILITY=default", "baseline": "torch==2.13.0"}
    text = warden.get("/nights/new/", query).content.decode()
    shown = text[text.index('id="installations"') :]
    assert "torch==2.14.1" in shown
    assert "will be installed" in shown
    assert "installed already" in shown
    assert (Bundle.objects.count(), Night.objects.count()) == (1, 0), "looking asks for nothing"
    fragment = warden.get("/nights/new/", query, headers={"HX-Request": "true"}).content.decode()
    assert "<form" not in fragment


def test_a_device_out_of_use_is_not_offered(warden: Client) -> None:
    device = a_device()
    assert str(device) in text_of(warden, "/nights/new/")
    Device.objects.filter(pk=device.pk).update(state=Device.State.QUARANTINED)
    assert str(device) not in text_of(warden, "/nights/new/")


# -- builds and machines -----------------------------------------------------------------------------------------


def test_a_build_shows_its_lock_and_its_nights(client: Client, night: Night) -> None:
    text = text_of(client, f"/builds/{night.candidate_id}/")
    assert "Installed and ready to be measured: 2 packages" in text
    assert "torch-2.13.0.whl" in text
    assert f'href="/nights/{night.pk}/"' in text
    assert "ignore the CPU" in text
    assert str(night.candidate) in text_of(client, "/builds/")


@pytest.mark.parametrize(
    ("state", "words", "polled"),
    [
        (Bundle.State.BROKEN, "could not be installed", False),
        (Bundle.State.INSTALLING, "is being installed", True),
        (Bundle.State.COLLECTED, "removed from the disk", False),
    ],
)
def test_a_build_says_why_it_is_not_ready(client: Client, state: str, words: str, polled: bool) -> None:
    build = an_installed_build()
    Bundle.objects.update(state=state, error="No wheel fits.", progress="downloading")
    text = text_of(client, f"/builds/{build.pk}/")
    assert words in text
    assert ("hx-get" in text) is polled


def test_a_machine_shows_how_often_it_lies_and_never_its_own_name(client: Client) -> None:
    a_measured_night(kind=Night.Kind.AA)
    machine = a_device().machine
    text = text_of(client, f"/machines/{machine.pk}/")
    assert "an unchanged point seems to change by about" in text
    assert 'hx-trigger="load"' in text, "what takes seconds is asked for when the page is there"
    assert "unchanged nights, played from" in text_of(client, f"/machines/{machine.pk}/?proof=1")
    assert "an example processor" in text
    assert "never-shown.example" not in text
    assert text_of(client, f"/machines/{machine.pk}/noise.csv").count("\n") == 1 + 4 * 5


def test_an_aa_night_tells_of_noise_and_judges_nothing(client: Client) -> None:
    night = a_measured_night(kind=Night.Kind.AA)
    text = text_of(client, f"/nights/{night.pk}/")
    assert "The same build against itself" in text
    assert 'id="verdicts"' not in text
    assert 'id="plot-scales-0"' in text


def test_an_aa_night_is_shown_from_its_first_pair_on(client: Client) -> None:
    night = a_measured_night(kind=Night.Kind.AA, rounds=2)
    assert "The same build against itself" in text_of(client, f"/nights/{night.pk}/")


@pytest.mark.parametrize("file", ["", "pairs.csv", "roofline.csv"])
@pytest.mark.parametrize("name", ["%00", "a%0d%0aSet-Cookie:%20a=b", "a%7f", "p" * 121])
def test_what_can_be_no_points_name_has_no_page(client: Client, night: Night, file: str, name: str) -> None:
    text_of(client, f"/nights/{night.pk}/points/{name}/{file}", 404)


def test_a_file_is_named_in_plain_letters_whatever_the_point_is_called(client: Client, night: Night) -> None:
    response = client.get(f"/nights/{night.pk}/points/a%22b%20%C3%BC/pairs.csv")
    assert response.headers["Content-Disposition"] == f'attachment; filename="night-{night.pk}-a-b--.csv"'


def test_a_build_that_no_specification_makes_is_refused_in_words(warden: Client) -> None:
    bundle = Bundle.objects.create(specification="torch==2.13.0,my_var=1", requirements=[], requested_by="import")
    Build.objects.create(name="torch 2.13.0, my_var=1", framework="torch", version="2.13.0", bundle=bundle)
    values = {"candidate": "torch 2.13.0, my_var=1", "baseline": "torch==2.13.0", "suite": "smoke"}
    assert "a variable is upper-case" in text_of(warden, f"/nights/new/?{urlencode(values)}")
    assert "a variable is upper-case" in warden.post("/nights/new/", values).content.decode()
    assert not Night.objects.exists()


def test_builds_whose_requests_look_alike_are_two(warden: Client) -> None:
    values = {"candidate": "torch[opt]==2.13.0", "baseline": "torch==2.13.0", "suite": "smoke", "device": a_device().pk}
    assert warden.post("/nights/new/", values).status_code == 302
    assert {build.name for build in Build.objects.all()} == {"torch 2.13.0", "torch[opt] 2.13.0"}


# -- theme -------------------------------------------------------------------------------------------------------


def test_the_theme_is_kept_and_leads_back(client: Client) -> None:
    response = client.post("/theme/", {"theme": "dark", "next": "/nights/"})
    assert response.headers["Location"] == "/nights/"
    assert '<html lang="en-GB" data-theme="dark">' in text_of(client, "/nights/")
    client.post("/theme/", {"theme": "auto", "next": "/"})
    assert '<html lang="en-GB">' in text_of(client, "/nights/")


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_the_theme_leads_to_no_other_site(client: Client, elsewhere: str) -> None:
    assert client.post("/theme/", {"theme": "dark", "next": elsewhere}).headers["Location"] == "/"


def test_an_unknown_theme_is_not_kept(client: Client) -> None:
    assert "theme" not in client.post("/theme/", {"theme": '"><script>', "next": "/"}).cookies
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en-GB">' in text_of(client, "/nights/")


def test_no_page_holds_an_inline_script(client: Client, night: Night) -> None:
    addresses = ["/", "/nights/", f"/nights/{night.pk}/", "/gallery/", f"/machines/{night.device.machine_id}/"]
    addresses += [f"/nights/{night.pk}/points/softmax.float32.rows/"]
    for address in addresses:
        text = text_of(client, address)
        scripts = [part.split(">")[0] for part in text.split("<script")[1:]]
        assert all("src=" in head or 'type="application/json"' in head for head in scripts), address
        assert " onclick=" not in text
        assert "https://" not in text.split("<body")[0], "nothing is loaded from elsewhere"


@pytest.mark.parametrize(("address", "status"), [("/no/such/page/", 404), ("/nights/new/", 403)])
def test_error_pages_say_what_to_do(client: Client, address: str, status: int) -> None:
    client.force_login(User.objects.create_user("reader", password="loom and needle"))
    text = text_of(client, address, status)
    assert '<p class="lede">' in text
    assert "Flamekeeper" in text
