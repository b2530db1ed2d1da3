"""Signing in and out, and the first administrator's one-time link."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from governance.actions.administrator import LinkRefused, administrator, become_administrator, open_link
from governance.forms import AdministratorForm, NewPasswordForm, SignInForm

# What servers write of a request, by the names of WSGI and of gunicorn.
LOGGED = frozenset({"RAW_URI", "REQUEST_URI", "PATH_INFO", "HTTP_REFERER"})


class SignIn(LoginView):
    """Sign in by name and password."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"sentence": "Sign in to run nights, plan releases and sign them; reading needs no account."}


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
    form = AdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return appointed(request, token, form)
    return render(request, "registration/first_administrator.html", {"form": form})


def appointed(request: HttpRequest, token: str, form: AdministratorForm) -> HttpResponse:
    """Make the account, sign it in, and go to the portal."""
    try:
        user = become_administrator(
            token=token, username=form.cleaned_data["username"], password=form.cleaned_data["password1"]
        )
    except LinkRefused:
        return render(request, "registration/administrator_link_closed.html", status=410)
    login(request, user)
    return redirect("governance:portal")
