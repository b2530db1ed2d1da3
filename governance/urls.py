from django.urls import path, register_converter

from governance import api
from governance.views import (
    accounts,
    charters,
    check_ins,
    coverage,
    election_officers,
    elections,
    imports,
    offices,
    portal,
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
    path("elections/new/", elections.new, name="new_election"),
    path("elections/<slug:slug>/", elections.election, name="election"),
    path("elections/<slug:slug>/roll/", elections.roll, name="election_roll"),
    path("elections/<slug:slug>/nominate/", elections.nominations, name="election_nominate"),
    path("elections/<slug:slug>/candidates/<slug:person>/", elections.nomination, name="election_nomination"),
    path("elections/<slug:slug>/candidates/<slug:person>/answer/", elections.answer, name="election_answer"),
    path("elections/<slug:slug>/exceptions/", elections.exceptions, name="election_exceptions"),
    path("elections/<slug:slug>/vote/", elections.vote, name="election_vote"),
    path("elections/<slug:slug>/replace/", elections.replacing, name="election_replace"),
    path("elections/<slug:slug>/find/", elections.find, name="election_find"),
    path("elections/<slug:slug>/results/", elections.results, name="election_results"),
    path("elections/<slug:slug>/ballots.csv", elections.ballots_csv, name="election_ballots"),
    path("elections/<slug:slug>/ballots-with-codes.csv", elections.coded_csv, name="election_coded"),
    path(
        "elections/<slug:slug>/affiliations.csv",
        elections.employers,
        {"whose": "affiliations"},
        name="election_affiliations",
    ),
    path("elections/<slug:slug>/sitting.csv", elections.employers, {"whose": "sitting"}, name="election_sitting"),
    path("elections/<slug:slug>/order.txt", elections.order, name="election_order"),
    path("elections/<slug:slug>/observers.json", elections.observers, name="election_observers"),
    path("elections/<slug:slug>/officers/", election_officers.officers, name="election_officers"),
    path("elections/<slug:slug>/officers/step/", election_officers.step, name="election_step"),
    path("elections/<slug:slug>/officers/activity/", election_officers.activity, name="election_activity"),
    path("elections/<slug:slug>/officers/exceptions/<int:pk>/", election_officers.decide, name="election_decide"),
    path("elections/<slug:slug>/officers/tie/", election_officers.tie, name="election_tie"),
    path("elections/<slug:slug>/officers/cancel/", election_officers.cancelling, name="election_cancel"),
    path("portal/", portal.portal, name="portal"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", accounts.SignOut.as_view(), name="logout"),
    path("accounts/password/", accounts.NewPassword.as_view(), name="new_password"),
    path("accounts/invitations/<slug:slug>/", accounts.invitation_of, name="invite"),
    path("accounts/invitation/", accounts.kept_invitation, name="kept_invitation"),
    path("accounts/invitation/<str:token>/", accounts.accept_invitation, name="accept_invitation"),
    path("accounts/administrator/<str:token>/", accounts.first_administrator, name="first_administrator"),
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:number>/", imports.imported, name="import"),
    path("imports/<int:number>/apply/", imports.apply, name="apply_import"),
    path("imports/<int:number>/undo/", imports.undo, name="undo_import"),
]
