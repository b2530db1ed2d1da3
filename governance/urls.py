from django.urls import path, register_converter

from governance.views import accounts, charters, coverage, imports, offices, portal, releases
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
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/coverage.csv", coverage.coverage_csv, name="coverage_csv"),
    path("charters/", charters.listing, name="charters"),
    path("charters/<slug:project>/", charters.charter, name="charter"),
    path("charters/<slug:project>/versions/<int:number>/", charters.version, name="charter_version"),
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
