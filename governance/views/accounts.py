"""Signing in and out, and the first administrator's one-time link."""

from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.actions.administrator import LinkRefused, administrator, become_administrator, open_link
from governance.forms import AdministratorForm, NewPasswordForm, SignInForm


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
