"""Forms about people: what somebody asks, and what an administrator does."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from ecosystem.models import Employer, Identity, Person, Request
from ecosystem.queries import employers, people, public_identities

A_LOGIN = RegexValidator(
    r"^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9]))*(?:_[A-Za-z0-9]+)?$", "Not a GitHub login: letters, digits, hyphens."
)


class RequestForm(forms.Form):
    """What is wrong or should go. No account is needed, and nothing of it is published."""

    kind = forms.ChoiceField(
        label="What you ask",
        choices=[
            (Request.Kind.CORRECTION, "correct what is wrong"),
            (Request.Kind.REMOVAL, "show this person by no name any more"),
        ],
        widget=forms.RadioSelect,
        initial=Request.Kind.CORRECTION,
    )
    words = forms.CharField(
        label="In your words",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What is wrong, and what is right; or what should no longer be shown.",
    )
    contact = forms.CharField(
        label="How to reach you",
        max_length=200,
        required=False,
        help_text="Read by the administrators only, and wiped with their answer.",
    )


class RemovalForm(forms.Form):
    """Of whom an administrator takes the name off."""

    person = forms.ModelChoiceField(Person.objects.none(), to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people()  # type: ignore[attr-defined]


class CorrectionForm(RemovalForm):
    """The name by which a person is to be shown."""

    name = forms.CharField(max_length=120)


class PairForm(forms.Form):
    """Two persons: the one to be merged, and the one who is kept."""

    person = forms.ModelChoiceField(Person.objects.all(), to_field_name="slug")
    into = forms.ModelChoiceField(Person.objects.all(), to_field_name="slug")
    reason = forms.CharField(max_length=300)


class EmployersForm(forms.Form):
    """Two employers: the alias, and the name that is kept."""

    employer = forms.ModelChoiceField(Employer.objects.none(), to_field_name="slug")
    into = forms.ModelChoiceField(Employer.objects.none(), to_field_name="slug")
    reason = forms.CharField(max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employer"].queryset = self.fields["into"].queryset = employers()  # type: ignore[attr-defined]


class UnmergeForm(forms.Form):
    """Who is another human after all."""

    person = forms.ModelChoiceField(Person.objects.filter(merged_into__isnull=False), to_field_name="slug")
    reason = forms.CharField(max_length=300)


class EmployerForm(forms.Form):
    """Which employer is another organisation after all."""

    employer = forms.ModelChoiceField(Employer.objects.filter(merged_into__isnull=False), to_field_name="slug")
    reason = forms.CharField(max_length=300)


class LoginForm(forms.Form):
    """The login that a GitHub account bears now, and since when."""

    account = forms.ModelChoiceField(Identity.objects.none(), label="GitHub account", empty_label=None)
    login = forms.CharField(label="New login", max_length=39, validators=[A_LOGIN], help_text="Without the @.")
    on = forms.DateField(
        label="First day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day from which the account bears it; the login before is kept until then.",
    )
    source = forms.URLField(label="Source", max_length=300, assume_scheme="https", help_text="Where this was read.")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = public_identities(person).filter(kind=Identity.Kind.GITHUB)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["account"].label_from_instance = lambda account: account.value  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        """Refuse a day that has not come."""
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("The day is not yet: GitHub tells logins as they are.")
        return on
