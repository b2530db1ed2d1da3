"""What this site decides differently from django-allauth: who may have an account, and which person it acts for."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from governance.actions.github_accounts import greet, make_account, recognised
from governance.models import User


class Accounts(DefaultAccountAdapter):
    """Accounts with a password are made by invitation, or by an administrator."""

    # One answer, whether the name or the password is wrong, and whatever the name looks like.
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(
            ("username_password_mismatch", "email_password_mismatch"),
            "No account has this name with this password. Capitals count in the password.",
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the next page begins with its own sentence."""


class GitHubAccounts(DefaultSocialAccountAdapter):
    """Whoever GitHub vouches for may sign in; GitHub's number says which person it is, never the login alone."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Recognise the person by the number, and note the login under which they come now."""
        account = sociallogin.account
        forget_all_but_the_login(sociallogin)
        if not sociallogin.is_existing and not request.user.is_authenticated:
            known = recognised(int(account.uid))
            if known is not None:
                sociallogin.connect(request, known)
        if sociallogin.is_existing:
            greet(user=sociallogin.user, number=int(account.uid), login=account.extra_data.get("login", ""))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Make the account of somebody who comes for the first time."""
        user = super().save_user(request, sociallogin, form)
        make_account(
            user=user, number=int(sociallogin.account.uid), login=sociallogin.account.extra_data.get("login", "")
        )
        return user


def forget_all_but_the_login(sociallogin: SocialLogin) -> None:
    """Leave the visitor's name, address and the rest of their profile with GitHub."""
    sociallogin.email_addresses = []
    sociallogin.account.extra_data = {"login": sociallogin.account.extra_data.get("login", "")}
    if sociallogin.is_existing:
        sociallogin.account.save(update_fields=["extra_data"])
    else:
        sociallogin.user.email = sociallogin.user.first_name = sociallogin.user.last_name = ""
