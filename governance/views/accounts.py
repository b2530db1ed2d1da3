"""Signing in and out, and the first administrator's one-time link."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from ecosystem.models import Person
from governance.actions.administrator import LinkRefused, administrator, become_administrator, hashed, open_link
from governance.actions.invitations import (
    InvitationRefused,
    accept,
    accept_with_new_account,
    invite,
    open_invitation,
)
from governance.forms import NewAccountForm, NewPasswordForm, SignInForm
from governance.models import User
from governance.policies.accounts import check_may_invite
from governance.queries.accounts import people_called
from governance.views.releases import SignedInRequest

KEPT = "invitation"
# How many people a look-up shows.
SHOWN = 20
BACKEND = "governance.sign_in.backend.PasswordBackend"
# What servers write of a request, by the names of WSGI and of gunicorn.
LOGGED = frozenset({"RAW_URI", "REQUEST_URI", "PATH_INFO", "HTTP_REFERER"})


class SignIn(LoginView):
    """Sign in by name and password, or by GitHub where the site has an OAuth app of its own."""

    template_name = "registration/login.html"
    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        sentence = "Sign in to vote, propose, run nights and sign releases; reading needs no account."
        return {**context, "sentence": sentence, "github": settings.GITHUB_SIGN_IN, "next": self.get_next_url()}


class SignOut(LogoutView):
    """Sign out; by POST only, so that no link can do it to a reader."""

    http_method_names = ["post", "options"]


class NewPassword(PasswordChangeView):
    """Let an account choose a new password; whoever made the account knows the first one."""

    template_name = "registration/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("governance:portal")


def without_a_trace(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep an address that is a secret out of every log, of the page, and of what the browser tells of where it was."""
    protected = csrf_protect(view)

    @wraps(view)
    def untraced(request: HttpRequest, **secrets: str) -> HttpResponse:
        # The server writes its line after the answer, from these very names.
        for name in LOGGED & request.META.keys():
            for secret in secrets.values():
                request.META[name] = request.META[name].replace(secret, "...")
        # Our own log and the page's links take it from here; the form is sent to wherever it came from.
        request.path = "/"
        response = protected(request, **secrets)
        # Not "no-referrer": the form that comes back must still say which site it is from.
        response["Referrer-Policy"] = "strict-origin"
        return response

    # Checked here and not before: a refusal, too, writes a line.
    return csrf_exempt(untraced)


@without_a_trace
@never_cache
@sensitive_post_parameters("password1", "password2")
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of the one-time link choose a name and a password."""
    if open_link(token) is None or administrator() is not None:
        return render(request, "registration/administrator_link_closed.html", status=410)
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return appointed(request, token, form)
    return render(request, "registration/first_administrator.html", {"form": form})


def appointed(request: HttpRequest, token: str, form: NewAccountForm) -> HttpResponse:
    """Make the account, sign it in, and go to the portal."""
    try:
        user = become_administrator(
            token=token, username=form.cleaned_data["username"], password=form.cleaned_data["password1"]
        )
    except LinkRefused:
        return render(request, "registration/administrator_link_closed.html", status=410)
    login(request, user, backend=BACKEND)
    return redirect("governance:portal")


@login_required
def invite_whom(request: SignedInRequest) -> HttpResponse:
    """Look up whom to invite, by name or GitHub login; one who is found leads straight to their invitation."""
    check_may_invite(request.user)
    asked = request.GET.get("who", "").strip()
    found = list(people_called(asked)[:SHOWN]) if asked else []
    if len(found) == 1:
        return redirect("governance:invite", slug=found[0].slug)
    sentence = "Whom do you invite? Only who is known in the project can have an account."
    if asked:
        number = f"{len(found)}" if len(found) < SHOWN else f"{SHOWN} or more"
        many = f"{number} people are called like “{asked}”: choose one, or write more of the name."
        sentence = many if found else f"Nobody is known here as “{asked}”: try a GitHub login or a part of the name."
    return render(request, "registration/invite_whom.html", {"sentence": sentence, "asked": asked, "found": found})


@login_required
def invitation_of(request: SignedInRequest, slug: str) -> HttpResponse:
    """Invite a person to have an account: the link is shown once, to be told to them."""
    check_may_invite(request.user)
    person = get_object_or_404(Person, slug=slug)
    sentence = f"{person.name} gets an account by a link that works once, for a week."
    context: dict[str, object] = {"person": person, "sentence": sentence}
    if request.method == "POST":
        try:
            token = invite(person=person, by=request.user)
        except InvitationRefused as refused:
            context["refused"] = str(refused)
        else:
            address = reverse("governance:accept_invitation", args=[token.value])
            context |= {"link": request.build_absolute_uri(address), "expires_at": token.expires_at}
    response = render(request, "registration/invite.html", context)
    response["Cache-Control"] = "no-store"
    return response


@without_a_trace
@never_cache
@sensitive_post_parameters("password1", "password2")
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let the invited person choose a name and a password, or keep the account they are signed in with."""
    return invited(request, hashed(token))


@never_cache
def kept_invitation(request: HttpRequest) -> HttpResponse:
    """Go on with the invitation that was opened before GitHub was asked who the visitor is."""
    return invited(request, request.session.get(KEPT, ""))


def invited(request: HttpRequest, token_hash: str) -> HttpResponse:
    """Show an invitation, or accept it."""
    invitation = open_invitation(token_hash)
    if invitation is None:
        return render(request, "registration/invitation_closed.html", status=410)
    own = request.user if isinstance(request.user, User) else None
    form = NewAccountForm(request.POST or None) if own is None else None
    refused = ""
    if request.method == "POST" and (own or (form and form.is_valid())):
        try:
            return accepted(request, token_hash, own, form)
        except InvitationRefused as error:
            refused = str(error)
    # Kept here and not in an address: GitHub brings its visitor back by one that is logged. The hash opens nothing by
    # itself, whoever reads the stored sessions.
    request.session[KEPT] = token_hash
    name = invitation.person.name
    context = {
        "invitation": invitation,
        "sentence": f"You are signed in as {own.username}: should this account act for {name}?"
        if own
        else f"You are invited as {name}: choose your account's name and its password.",
        "form": form,
        "refused": refused,
        "github": settings.GITHUB_SIGN_IN and own is None,
    }
    return render(request, "registration/invitation.html", context)


def accepted(request: HttpRequest, token_hash: str, own: User | None, form: NewAccountForm | None) -> HttpResponse:
    """Accept with the account at hand, or with a new one that is signed in at once."""
    if own is not None:
        accept(token_hash=token_hash, user=own)
    elif form is not None:
        user = accept_with_new_account(
            token_hash=token_hash, username=form.cleaned_data["username"], password=form.cleaned_data["password1"]
        )
        login(request, user, backend=BACKEND)
    request.session.pop(KEPT, None)
    return redirect("governance:portal")


def switched_off(request: HttpRequest) -> HttpResponse:
    """Say that an account is switched off."""
    return told(request, "This account is switched off; an administrator can switch it on again.", 403)


def where_github_is_asked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let an address be there only where the site has an OAuth app of its own; without one it leads nowhere."""

    @wraps(view)
    def asked(request: HttpRequest, **words: Any) -> HttpResponse:
        if not settings.GITHUB_SIGN_IN:
            raise Http404("This site asks GitHub for nobody.")
        return view(request, **words)

    return asked


def github_cancelled(request: HttpRequest) -> HttpResponse:
    """Say that signing in by GitHub was broken off."""
    return told(request, "Signing in by GitHub was broken off, and nothing was changed; try again when you like.", 200)


def github_connected(request: HttpRequest) -> HttpResponse:
    """Lead to the portal, which says which person the account acts for."""
    return redirect("governance:portal")


def told(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    """Answer with one sentence and the way back."""
    return render(request, "registration/told.html", {"sentence": sentence}, status=status)
