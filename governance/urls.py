from django.urls import path, register_converter

from ecosystem.withholding import leaving_out
from governance import api
from governance.views import (
    accounts,
    ballots,
    charters,
    check_ins,
    coverage,
    election_officers,
    election_results,
    election_standing,
    election_voting,
    elections,
    feeds,
    imports,
    offices,
    portal,
    proposal_acts,
    proposal_writing,
    proposals,
    releases,
)
from governance.views.home import home


class Version:
    """A release's version in an address: 2.14.0, 2.14.0rc1."""

    regex = r"[0-9][0-9A-Za-z.+!_-]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Version, "version")

app_name = "governance"
urlpatterns = [
    path("", home, name="home"),
    path("releases/", releases.listing, name="releases"),
    path("releases/new/", releases.plan, name="plan_release"),
    path("releases/<version:version>/", releases.release, name="release"),
    path("releases/<version:version>/evidence/", releases.evidence, name="release_evidence"),
    path("releases/<version:version>/sign/", releases.sign, name="sign_release"),
    path("offices/", offices.listing, name="offices"),
    path("offices/<slug:slug>/", offices.office, name="office"),
    path("api/people/", api.people, name="api_people"),
    path("api/people/<slug:slug>/", api.person, name="api_person"),
    path("api/offices/", api.offices, name="api_offices"),
    path("api/offices/<slug:slug>/", api.office, name="api_office"),
    path("api/areas/", api.areas, name="api_areas"),
    path("api/areas/<slug:slug>/", api.area, name="api_area"),
    path("api/coverage/", api.coverage, name="api_coverage"),
    path("api/openapi.json", api.description, name="api_description"),
    path("check-ins/", check_ins.mine, name="check_ins"),
    path("check-ins/ask/<int:number>/", check_ins.asking, name="ask_check_in"),
    path("check-ins/<int:number>/answer/", check_ins.answering, name="answer_check_in"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/coverage.csv", coverage.coverage_csv, name="coverage_csv"),
    path("charters/", charters.listing, name="charters"),
    path("charters/<slug:project>/", charters.charter, name="charter"),
    path("charters/<slug:project>/versions/<int:number>/", charters.version, name="charter_version"),
    path("elections/", elections.listing, name="elections"),
    path("elections/new/", election_officers.new, name="new_election"),
    path("elections/<slug:slug>/", elections.election, name="election"),
    path("elections/<slug:slug>/roll/", elections.roll, name="election_roll"),
    path("elections/<slug:slug>/nominate/", election_standing.nominations, name="election_nominate"),
    path("elections/<slug:slug>/candidates/<slug:person>/", election_standing.nomination, name="election_nomination"),
    path("elections/<slug:slug>/candidates/<slug:person>/answer/", election_standing.answer, name="election_answer"),
    path("elections/<slug:slug>/exceptions/", election_standing.exceptions, name="election_exceptions"),
    path("elections/<slug:slug>/vote/", election_voting.vote, name="election_vote"),
    path("elections/<slug:slug>/replace/", election_voting.replacing, name="election_replace"),
    path("elections/<slug:slug>/find/", election_voting.find, name="election_find"),
    path("elections/<slug:slug>/results/", election_results.results, name="election_results"),
    path("elections/<slug:slug>/ballots.csv", election_results.ballots_csv, name="election_ballots"),
    path("elections/<slug:slug>/ballots-with-codes.csv", election_results.coded_csv, name="election_coded"),
    path(
        "elections/<slug:slug>/affiliations.csv",
        election_results.employers,
        {"whose": "affiliations"},
        name="election_affiliations",
    ),
    path(
        "elections/<slug:slug>/sitting.csv", election_results.employers, {"whose": "sitting"}, name="election_sitting"
    ),
    path("elections/<slug:slug>/order.txt", election_results.order, name="election_order"),
    path("elections/<slug:slug>/observers.json", election_results.observers, name="election_observers"),
    path("elections/<slug:slug>/officers/", election_officers.officers, name="election_officers"),
    path("elections/<slug:slug>/officers/step/", election_officers.step, name="election_step"),
    path("elections/<slug:slug>/officers/activity/", election_officers.activity, name="election_activity"),
    path("elections/<slug:slug>/officers/exceptions/<int:pk>/", election_officers.decide, name="election_decide"),
    path("elections/<slug:slug>/officers/tie/", election_officers.tie, name="election_tie"),
    path("elections/<slug:slug>/officers/cancel/", election_officers.cancelling, name="election_cancel"),
    path("proposals/", proposals.listing, name="proposals"),
    path("proposals/new/", proposal_writing.write, name="write_proposal"),
    path("proposals/feed.atom", feeds.RecentDecisions(), name="proposals_feed"),
    path("proposals/deadlines.ics", feeds.calendar, name="deadlines_calendar"),
    path("proposals/<slug:slug>/", proposals.proposal, name="proposal"),
    path("proposals/<slug:slug>/revise/", proposal_writing.revise, name="revise_proposal"),
    path("proposals/<slug:slug>/revisions/<int:number>/", proposals.revision, name="proposal_revision"),
    path("proposals/<slug:slug>/changes/<int:before>/<int:after>/", proposals.changes, name="proposal_changes"),
    path("proposals/<slug:slug>/position/", proposal_acts.take_position, name="take_position"),
    path("proposals/<slug:slug>/position/withdraw/", proposal_acts.withdraw, name="withdraw_position"),
    path("proposals/<slug:slug>/concerns/", proposal_acts.raise_concern, name="raise_concern"),
    path("proposals/<slug:slug>/concerns/<int:key>/resolve/", proposal_acts.resolve_concern, name="resolve_concern"),
    path("proposals/<slug:slug>/holds/", proposal_acts.place_hold, name="place_hold"),
    path("proposals/<slug:slug>/holds/<int:key>/lift/", proposal_acts.lift_hold, name="lift_hold"),
    path("proposals/<slug:slug>/final-comment/", proposal_acts.begin_final_comment, name="begin_final_comment"),
    path("proposals/<slug:slug>/final-comment/stop/", proposal_acts.stop_final_comment, name="stop_final_comment"),
    path("proposals/<slug:slug>/move/", proposal_acts.move, name="move_proposal"),
    path("proposals/<slug:slug>/shepherd/", proposal_acts.become_shepherd, name="become_shepherd"),
    path("proposals/<slug:slug>/shepherd/cease/", proposal_acts.cease_to_shepherd, name="cease_to_shepherd"),
    path("proposals/<slug:slug>/reviewers/", proposal_acts.ask_reviewer, name="ask_reviewer"),
    path("proposals/<slug:slug>/place/", proposal_acts.place, name="place_proposal"),
    path("proposals/<slug:slug>/links/", proposal_acts.add_link, name="add_link"),
    path("proposals/<slug:slug>/links/<int:key>/remove/", proposal_acts.remove_link, name="remove_link"),
    path("votes/", ballots.listing, name="ballots"),
    path("votes/new/", ballots.call, name="call_ballot"),
    path("votes/<int:pk>/", ballots.ballot, name="ballot"),
    path("votes/<int:pk>/choose/", ballots.choose, name="choose"),
    path("votes/<int:pk>/second/", ballots.second, name="second_ballot"),
    path("votes/<int:pk>/conflict/", ballots.tell_conflict, name="tell_conflict"),
    path("votes/<int:pk>/electors/<int:elector>/recuse/", ballots.recuse, name="recuse"),
    path("votes/<int:pk>/return/", ballots.take_part_again, name="take_part_again"),
    path("votes/<int:pk>/cancel/", ballots.cancel, name="cancel_ballot"),
    path("portal/", portal.portal, name="portal"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", accounts.SignOut.as_view(), name="logout"),
    path("accounts/password/", accounts.NewPassword.as_view(), name="new_password"),
    path("accounts/invitations/", accounts.invite_whom, name="invite_whom"),
    path("accounts/invitations/<slug:slug>/", accounts.invitation_of, name="invite"),
    path("accounts/invitation/", accounts.kept_invitation, name="kept_invitation"),
    path("accounts/invitation/<str:token>/", accounts.accept_invitation, name="accept_invitation"),
    path("accounts/administrator/<str:token>/", accounts.first_administrator, name="first_administrator"),
    # A link that lost its last sign on the way is not sent on to the right one: that would be logged.
    path("accounts/invitation/<str:token>", accounts.accept_invitation),
    path("accounts/administrator/<str:token>", accounts.first_administrator),
    path("imports/", leaving_out(imports.listing), name="imports"),
    path("imports/<int:number>/", leaving_out(imports.imported), name="import"),
    path("imports/<int:number>/apply/", imports.apply, name="apply_import"),
    path("imports/<int:number>/undo/", imports.undo, name="undo_import"),
]
