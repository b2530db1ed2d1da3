"""Noting that a GitHub account was renamed: the new login with its first day, the one before as history."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ecosystem.actions.identities import IdentityRefused, rename_login
from ecosystem.forms import LoginForm
from ecosystem.models import Person
from ecosystem.policies import check_may_keep_people
from ecosystem.queries import past_logins
from record.actions import Account


@login_required
@require_http_methods(["GET", "POST"])
def renaming(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the new login of a person's GitHub account."""
    check_may_keep_people(request.user)
    person = get_object_or_404(Person, slug=slug, merged_into=None, unnamed_since=None)
    form = LoginForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        by: Account = request.user
        said = form.cleaned_data
        try:
            rename_login(identity=said["account"], login=said["login"], on=said["on"], source=said["source"], by=by)
        except IdentityRefused as refused:
            form.add_error("login", str(refused))
        else:
            messages.success(request, f"{person.name} is {said['login']} on GitHub from {said['on']:%-d %B %Y}.")
            return redirect(person)
    context = {"person": person, "form": form, "sentence": sentence(person, form), "past_logins": past_logins(person)}
    return render(request, "ecosystem/login.html", context, status=422 if form.errors else 200)


def sentence(person: Person, form: LoginForm) -> str:
    """Say which logins somebody bears now."""
    logins = [account.value for account in form.fields["account"].queryset]  # type: ignore[attr-defined]
    if not logins:
        return f"No GitHub account of {person.name} is known, so none can have been renamed."
    return f"{person.name} is {' and '.join(logins)} on GitHub: note a new login, and the one before stays as history."
