"""The addresses that django-allauth looks for by its own names; each leads to a page of this site."""

from allauth.socialaccount.providers.github.views import oauth2_callback, oauth2_login
from django.urls import path

from governance.views import accounts

urlpatterns = [
    path("login/", accounts.SignIn.as_view(), name="account_login"),
    path("logout/", accounts.SignOut.as_view(), name="account_logout"),
    path("switched-off/", accounts.switched_off, name="account_inactive"),
    path("github/login/", accounts.where_github_is_asked(oauth2_login), name="github_login"),
    path("github/login/callback/", accounts.where_github_is_asked(oauth2_callback), name="github_callback"),
    path("github/cancelled/", accounts.github_cancelled, name="socialaccount_login_cancelled"),
    path("github/connected/", accounts.github_connected, name="socialaccount_connections"),
]
