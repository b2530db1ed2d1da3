"""Forms about people: what somebody asks, and what an administrator does."""

from typing import Any

from django import forms

from ecosystem.models import Employer, Person, Request
from ecosystem.queries import employers, people


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
