"""Pages of proposals and votes: what they say first, what they let whom do, feed and calendar."""

import re
from datetime import date, timedelta

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from governance.actions.ballot_rules import Chosen
from governance.actions.ballots import call_ballot
from governance.actions.ballots_choosing import choose
from governance.actions.charters import publish_charter
from governance.actions.comment_periods import begin_final_comment, stop_final_comment
from governance.actions.concerns import raise_concern
from governance.actions.proposals import ask_reviewer, become_shepherd, move_proposal, revise, take_position
from governance.charter import text_of
from governance.models import Choice, Position, Proposal, User
from governance.progress import Progress
from governance.queries.proposals import awaited
from tests.factories.people import a_person, a_project
from tests.factories.proposals import a_proposal, a_read_proposal, an_author, an_officer, close, rewind, rust_team
from tests.unit.governance.conftest import collected_static

pytestmark = pytest.mark.django_db
__all__ = ["collected_static"]
OPEN_RULE = Chosen("1/2", "seated", True, 7)


def lede(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    found = re.search(r'<p class="lede[^>]*>(.*?)</p>', response.content.decode(), re.S)
    assert found
    return found[1].replace("&quot;", '"')


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def in_final_comment(team: list[User]) -> Proposal:
    proposal = move_proposal(proposal=a_proposal(), enters="proposed_fcp", by=team[0])
    for one in team:
        take_position(proposal=proposal, stand="agree", by=one)
    begin_final_comment(proposal=proposal, disposition="merge", days=10, by=team[0])
    proposal.refresh_from_db()
    return proposal


def test_empty_lists_say_what_will_be_there(client: Client) -> None:
    assert lede(client, "/proposals/") == "No proposal is known yet."
    assert lede(client, "/votes/") == "No vote has been called."
    assert "import_governance" in client.get("/proposals/").content.decode()


def test_the_list_says_how_many_in_words_of_the_charter_and_filters_are_links(client: Client) -> None:
    team = rust_team("tess")
    move_proposal(proposal=a_proposal(), enters="proposed_fcp", by=team[0])
    a_read_proposal("RFC-0007", state="postponed", project=a_project("rust"), opened_on=date(2021, 3, 1))
    assert lede(client, "/proposals/") == "2 proposals: 1 postponed, 1 proposed for final comment."
    page = client.get("/proposals/?state=postponed").content.decode()
    assert "RFC-0007" in page
    assert "Weave both ways</a></td>" in page
    assert page.count("<tr>") == 2
    assert lede(client, "/proposals/?state=nonsense") == "No proposal matches."
    assert client.get("/proposals/?state=%00&words=%00&page=x").status_code == 200


@pytest.mark.parametrize("many", [3, 30])
def test_the_list_asks_the_database_no_more_for_more_proposals(
    many: int, client: Client, django_assert_max_num_queries
) -> None:
    project = a_project("rust")
    for number in range(many):
        a_read_proposal(f"RFC-{number}", project=project)
    with django_assert_max_num_queries(15):
        client.get("/proposals/")


def test_a_retracted_proposal_is_on_no_list_and_says_so_on_its_page(client: Client) -> None:
    from governance.actions.imported_proposals import retract_import

    proposal = retract_import(proposal=a_read_proposal(project=a_project("rust")), reason="Undone.", by=None)
    assert lede(client, "/proposals/") == "No proposal is known yet."
    assert "the import that brought it was undone" in lede(client, proposal.get_absolute_url())


def test_a_read_proposal_leads_to_where_it_is_kept(client: Client) -> None:
    proposal = a_read_proposal(
        project=a_project("rust"), state="Final", url="https://example.org/rfc", outcome="Liked."
    )
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "RFC-0001 is Final, as its source says." in page
    assert 'href="https://example.org/rfc"' in page
    assert "What you can do" not in page


def test_the_final_comment_period_is_told_by_its_clock(client: Client) -> None:
    proposal = in_final_comment(rust_team("tess", "tilda"))
    words = lede(client, proposal.get_absolute_url())
    assert words.startswith("RFC 1 is in final comment period: final comments until")
    assert "anywhere on Earth" in words
    close(proposal.comment_periods.get())
    assert lede(client, proposal.get_absolute_url()).endswith(
        "its final comment period is over, and it can be decided."
    )


def test_an_outsider_is_offered_nothing_and_refused_everything(client: Client) -> None:
    tess, _ = rust_team("tess", "tilda")
    proposal = a_proposal()
    concern = raise_concern(proposal=proposal, name="Noise", text="x", by=tess)
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "What you can do" not in page
    assert "Sign in</a> to take a position" in page
    for act in ("position", "position/withdraw", "concerns", f"concerns/{concern.pk}/resolve", "holds", "final-comment",
                "move", "shepherd", "reviewers", "links", "place"):  # fmt: skip
        address = f"{proposal.get_absolute_url()}{act}/"
        assert client.post(address, {"reason": "x"}).status_code == 302, act
        assert client.post(address).headers["Location"].startswith("/accounts/login/")
        assert signed_in(tess).get(address).status_code == 405
    assert Position.objects.count() == 0
    assert concern.is_open


def test_nobody_else_resolves_a_concern_through_the_page() -> None:
    tess, tilda = rust_team("tess", "tilda")
    proposal = a_proposal()
    concern = raise_concern(proposal=proposal, name="Noise", text="x", by=tess)
    address = f"{proposal.get_absolute_url()}concerns/{concern.pk}/resolve/"
    assert signed_in(tilda).post(address, {"reason": "Fine."}).status_code == 403
    concern.refresh_from_db()
    assert concern.is_open
    assert signed_in(tess).post(address, {"reason": "Fine."}).status_code == 302
    concern.refresh_from_db()
    assert not concern.is_open


def test_what_a_form_refuses_is_said_and_nothing_is_written() -> None:
    (tess,) = rust_team("tess")
    proposal = a_proposal()
    client = signed_in(tess)
    page = client.post(f"{proposal.get_absolute_url()}position/", {"stand": "object"}, follow=True).content.decode()
    assert "An objection and a comment need words" in page
    page = client.post(f"{proposal.get_absolute_url()}position/", {"stand": "x"}, follow=True).content.decode()
    assert "Select a valid choice" in page
    page = client.post(
        f"{proposal.get_absolute_url()}links/", {"url": "javascript:alert(1)"}, follow=True
    ).content.decode()
    assert "no address that begins with https://" in page
    assert not Position.objects.exists()


def test_hostile_text_does_no_harm_on_the_page() -> None:
    (tess,) = rust_team("tess")
    proposal = a_proposal(title="<b>x</b>", text="<script>alert(1)</script> [a](javascript:alert(2))")
    take_position(proposal=proposal, stand="object", text="<img src=x onerror=alert(3)>", by=tess)
    raise_concern(proposal=proposal, name="<i>n</i>", text="<iframe src=//x></iframe>", by=tess)
    page = signed_in(tess).get(proposal.get_absolute_url()).content.decode()
    for wrong in ("<script>alert", 'href="javascript', "<img src=x", "<b>x</b>", "<i>n</i>", "<iframe"):
        assert wrong not in page, wrong


def test_revisions_and_what_they_changed_have_addresses(client: Client) -> None:
    author = an_author()
    proposal = a_proposal(author, project=a_project("rust"), text="One loom.")
    revise(proposal=proposal, text="One red loom.", by=author)
    address = proposal.get_absolute_url()
    assert lede(client, f"{address}changes/1/2/") == "From revision 1 to 2 of 1: one word added, none removed."
    assert "<ins>" in client.get(f"{address}changes/1/2/").content.decode()
    assert "an earlier text; the latest is revision 2" in lede(client, f"{address}revisions/1/")
    assert client.get(f"{address}changes/1/3/").status_code == 404
    assert client.get(f"{address}revisions/9/").status_code == 404


def test_a_vote_is_called_chosen_in_and_read_through_its_pages(client: Client) -> None:
    team = rust_team("tess", "tilda")
    proposal = a_proposal()
    tess = signed_in(team[0])
    asked = {"decision": "accept_rfc", "question": "Accept it?", "zone": "UTC", "base": "seated"}
    page = tess.post(f"/votes/new/?proposal={proposal.slug}", asked).content.decode()
    assert "say a share, such as 1/2 or 75 %" in page
    response = tess.post(f"/votes/new/?proposal={proposal.slug}", {**asked, "share": "1/2", "days": "7"})
    vote = response.headers["Location"]
    assert tess.post(f"{vote}choose/", {"word": "yes"}).status_code == 302
    assert Choice.objects.get().word == "yes"
    assert "1 elector has not voted, enough said yes." in lede(client, vote)
    assert "What the charter leaves open" in client.get(vote).content.decode()
    assert lede(client, "/votes/") == "1 vote is open: “Accept it?”."
    assert signed_in(an_author("olga")).post(f"{vote}choose/", {"word": "no"}).status_code == 403
    assert client.get("/votes/999/").status_code == 404


def test_hidden_choices_are_nowhere_on_the_page_before_the_close(client: Client) -> None:
    project = a_project("node")
    tsc = [an_officer(name, "tsc", project, kind="council") for name in ("ada", "bea")]
    ballot = call_ballot(project=project, decision="tsc_vote", question="Red?", chosen=Chosen(days=7), by=tsc[0])
    choose(ballot=ballot, word="abstain", reason="SECRETREASON", by=tsc[0])
    for reader in (client, signed_in(tsc[1])):
        for address in (ballot.get_absolute_url(), "/votes/", "/proposals/feed.atom", "/record/"):
            page = reader.get(address).content.decode()
            assert "SECRETREASON" not in page
            assert "<strong>abstain" not in page
            assert "to abstain" not in page
    close(ballot)
    assert "SECRETREASON" in client.get(ballot.get_absolute_url()).content.decode()


def test_the_calendar_has_every_deadline_in_utc_and_takes_stopped_ones_out(client: Client) -> None:
    team = rust_team("tess", "tilda")
    proposal = in_final_comment(team)
    period = proposal.comment_periods.get()
    ballot = call_ballot(project=proposal.project, decision="accept_rfc", question="Accept?", proposal=proposal,
                         chosen=OPEN_RULE, by=team[0])  # fmt: skip

    def entries() -> dict[str, icalendar.Event]:
        response = client.get("/proposals/deadlines.ics")
        assert response["Content-Type"].startswith("text/calendar")
        made = icalendar.Calendar.from_ical(response.content)
        return {str(one["uid"]).split("@")[0]: one for one in made.walk("VEVENT")}

    found = entries()
    assert found[f"final-comment-{period.pk}"].decoded("dtstart") == period.closes_at.replace(microsecond=0)
    assert found[f"vote-{ballot.pk}"].decoded("dtstart") == ballot.closes_at.replace(microsecond=0)
    assert "anywhere on Earth" in str(found[f"vote-{ballot.pk}"]["description"])
    stop_final_comment(proposal=proposal, reason="New ideas.", by=team[0])
    assert str(entries()[f"final-comment-{period.pk}"]["status"]) == "CANCELLED"


def test_a_page_asks_each_question_of_the_database_about_once(django_assert_max_num_queries) -> None:
    team = rust_team("tess", "tilda", "thea", "tove")
    proposal = in_final_comment(team)
    client = signed_in(team[0])
    client.get(proposal.get_absolute_url())
    with django_assert_max_num_queries(60):
        client.get(proposal.get_absolute_url())


def test_the_feed_leads_to_what_it_tells_of(client: Client) -> None:
    proposal = a_proposal()
    page = client.get("/proposals/feed.atom").content.decode()
    assert "Wanda Example opened the proposal 1: Weave both ways." in page
    assert proposal.get_absolute_url() in page


def test_what_awaits_somebody_is_told(client: Client) -> None:
    project = a_project("pytorch")
    core, author = an_officer("cora", "core", project, kind="core"), an_author()
    proposal = move_proposal(proposal=a_proposal(author, project=project), enters="commenting", by=author)
    now = timezone.now()
    assert awaited(core.person, now) == []
    ask_reviewer(proposal=proposal, person=core.person, by=author)
    assert [one.words for one in awaited(core.person, now)] == ["Take a position on 1, “Weave both ways”."]
    take_position(proposal=proposal, stand="agree", by=core)
    assert awaited(core.person, now) == []
    raise_concern(proposal=proposal, name="Noise", text="x", by=core)
    revise(proposal=proposal, text="Silent.", by=author)
    assert [one.words for one in awaited(core.person, now)] == [
        "The text of 1 changed: does your concern “Noise” still stand?"
    ]
    become_shepherd(proposal=proposal, by=core)
    rewind(timedelta(days=15))
    kinds = {one.kind for one in awaited(core.person, timezone.now())}
    assert kinds == {"concern", "stalled"}
    assert awaited(a_person("Nobody Example"), now) == []


def test_who_was_merged_is_awaited_under_who_they_are_now() -> None:
    project = a_project("pytorch")
    author, core = an_author(), an_officer("cora", "core", project, kind="core")
    proposal = a_proposal(author, project=project)
    ask_reviewer(proposal=proposal, person=core.person, by=author)
    kept = a_person("Cora Kept")
    core.person.merged_into = kept
    core.person.save()
    assert [one.kind for one in awaited(kept, timezone.now())] == ["position"]
    assert [one.kind for one in awaited(core.person, timezone.now())] == ["position"]


def test_silence_is_consent_where_the_charter_says_so_and_nobody_objects() -> None:
    project = a_project("node")
    tsc = an_officer("ada", "tsc", project, kind="council")
    proposal = a_proposal(project=project)
    assert any("the charter does not say after how long" in need for need in Progress(proposal).needs)
    text = text_of("node").replace("[proposal.lazy_consensus]\n", "[proposal.lazy_consensus]\ndays = 3\n")
    text = text.replace('"proposal.lazy_consensus.days", ', "")
    publish_charter(project=project, text=text, by=None)
    days = 3
    assert any(need.startswith("Silence until ") and "lazy consensus" in need for need in Progress(proposal).needs)
    rewind(timedelta(days=days, minutes=1))
    proposal.refresh_from_db()
    assert not any(need.startswith("Silence until") for need in Progress(proposal).needs)
    take_position(proposal=proposal, stand="object", text="No.", by=tsc)
    assert any("silence is no consent while somebody objects" in need for need in Progress(proposal).needs)
