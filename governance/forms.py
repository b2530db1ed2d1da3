"""Forms of accounts and releases."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.forms import BaseUserCreationForm, PasswordChangeForm
from django.core.exceptions import ValidationError

from benchmarks_runner.models import Build, Night
from governance.actions.sign_in import TooSoon, count_try, forgive
from governance.models import Release, User

WHAT_IT_TAKES = "At least 8 characters; not a common password, not digits alone, not like the account's name."


class SignInForm(LoginForm):
    """Name and password; what failed of late makes the next try wait."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Account"
        # The label says what goes there; allauth would offer a mail to reset a password, which this site never sends.
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""

    def clean(self) -> dict[str, Any]:
        """Count the try, look at the password, and forget the count where it is right."""
        username = self.cleaned_data.get("login") or ""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        try:
            count_try(username=username, address=address)
        except TooSoon as too_soon:
            raise ValidationError(str(too_soon), code="too_soon") from too_soon
        cleaned: dict[str, Any] = super().clean()
        forgive(username=username, address=address)
        return cleaned


class NewAccountForm(BaseUserCreationForm):
    """A new account's name and password."""

    class Meta:
        model = User
        fields = ("username",)
        labels = {"username": "Account"}
        help_texts = {"username": "Letters, digits and @ . + - _"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django's own text is a list; the field's component wants a sentence. The validators stay what they are.
        self.fields["password1"].help_text = WHAT_IT_TAKES
        self.fields["password2"].label = "The same password again"
        self.fields["password2"].help_text = ""


class NewPasswordForm(PasswordChangeForm):
    """A new password, after the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = WHAT_IT_TAKES
        self.fields["new_password2"].label = "The same password again"
        self.fields["new_password2"].help_text = ""


class ReleaseForm(forms.Form):
    """A release's version, and the evidence that it names."""

    version = forms.RegexField(
        r"^[0-9][0-9A-Za-z.+!_-]*$",
        max_length=40,
        help_text="As it will ship: 2.14.0.",
        error_messages={"invalid": "Write a version, such as 2.14.0."},
    )
    candidate = forms.ModelChoiceField(
        Build.objects.order_by("-added_at"),
        required=False,
        empty_label="not named yet",
        help_text="The build that is to ship.",
    )
    night = forms.ModelChoiceField(
        Night.objects.filter(kind=Night.Kind.COMPARISON).select_related("candidate", "baseline"),
        required=False,
        empty_label="not named yet",
        help_text="The night that measures the candidate.",
    )

    def __init__(self, *args: Any, release: Release | None = None, **kwargs: Any) -> None:
        if release is not None:
            kwargs["initial"] = {
                "version": release.version,
                "candidate": release.candidate_id,
                "night": release.night_id,
            }
        super().__init__(*args, **kwargs)
        self.fields["night"].label_from_instance = night_words  # type: ignore[attr-defined]
        if release is not None:
            # The version is the release's identity: disabled, Django takes it from the release, not from the request.
            self.fields["version"].disabled = True


def night_words(night: Night) -> str:
    """Return a night as the form offers it."""
    return f"night {night.pk}: {night.candidate} against {night.baseline}, {night.get_state_display().lower()}"
