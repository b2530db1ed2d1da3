"""Forms of proposals and votes: what is asked, in words; what may be is decided by policies and actions."""

from typing import Any
from zoneinfo import available_timezones

from django import forms

from ecosystem.models import Area, Person, Project
from governance.charter import Decision
from governance.deadlines import ANYWHERE_ON_EARTH
from governance.models import Ballot, Choice, Position, Proposal, Release

STANDS = [(stand.value, stand.label) for stand in Position.Stand if stand != Position.Stand.WITHDRAWN]
TEXT = {"rows": 18, "spellcheck": "true"}


def zones() -> list[tuple[str, str]]:
    """Return the zones in which a day may end: anywhere on Earth first."""
    named = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [
        (ANYWHERE_ON_EARTH, "anywhere on Earth: the day is over everywhere"),
        ("UTC", "UTC"),
        *[(name, name.replace("_", " ")) for name in named],
    ]


class ZoneField(forms.ChoiceField):
    """In which zone the last day must be over."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=zones, label="The last day ends", initial=ANYWHERE_ON_EARTH, **kwargs)


class TextForm(forms.Form):
    """A proposal's title and text."""

    title = forms.CharField(max_length=300, help_text="What it proposes, in a line.")
    text = forms.CharField(
        widget=forms.Textarea(attrs=TEXT), help_text="Markdown. HTML is shown as text; pictures become links."
    )


class NewProposalForm(TextForm):
    """A new proposal: its text, and what it is about."""

    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Their maintainers are asked for a position.",
    )
    release = forms.ModelChoiceField(
        Release.objects.all(), required=False, empty_label="none in particular", help_text="For which it is meant."
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].queryset = project.areas.filter(sunset_on__isnull=True)  # type: ignore[attr-defined]


class RevisionForm(TextForm):
    """Another revision of a text."""

    note = forms.CharField(max_length=200, required=False, label="What changed", help_text="In a line.")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PositionForm(forms.Form):
    """A stand, and its reason."""

    stand = forms.ChoiceField(choices=STANDS, widget=forms.RadioSelect, label="You")
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        label="In words",
        help_text="Markdown. An objection and a comment need it.",
    )


class ConcernForm(forms.Form):
    """A named concern."""

    name = forms.CharField(max_length=80, help_text="A few words by which it is spoken of.")
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), label="Concern", help_text="What must change, or be answered."
    )


class ReasonForm(forms.Form):
    """A public reason."""

    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text="It becomes public.")


class FinalCommentForm(forms.Form):
    """What the final comment period is for, how long it lasts where that is open, and where its last day ends."""

    disposition = forms.ChoiceField(required=False, label="It is to")
    days = forms.IntegerField(min_value=1, max_value=366, required=False, help_text="Where the charter leaves it open.")
    zone = ZoneField()

    def __init__(self, *args: Any, dispositions: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disposition"].choices = [(word, word) for word in dispositions] or [("", "be decided")]  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """To which state, and why."""

    enters = forms.CharField(widget=forms.HiddenInput, max_length=80)
    reason = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="It becomes public."
    )


class ReviewerForm(forms.Form):
    """Whom to ask by name."""

    person = forms.ModelChoiceField(
        Person.objects.filter(merged_into__isnull=True), to_field_name="slug", empty_label="choose a person"
    )


class PlaceForm(forms.Form):
    """What a proposal is about, and what implements it."""

    areas = forms.ModelMultipleChoiceField(Area.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    release = forms.ModelChoiceField(Release.objects.all(), required=False, empty_label="none in particular")
    implementation = forms.CharField(
        required=False,
        max_length=300,
        label="Implemented by",
        help_text="The address of what implements it, once merged.",
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "areas": list(proposal.areas.values_list("pk", flat=True)),
                "release": proposal.release_id,
                "implementation": proposal.implementation,
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["areas"].queryset = proposal.project.areas.all()  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """Something elsewhere that belongs to a proposal."""

    url = forms.CharField(max_length=300, label="Address", help_text="An issue, a pull request, a document: https://…")


class ChoiceForm(forms.Form):
    """A choice in a vote."""

    word = forms.ChoiceField(choices=Choice.Word.choices, widget=forms.RadioSelect, label="Your vote")
    reason = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class BallotForm(forms.Form):
    """A vote to be called: the decision, the question, and what the charter leaves open about it."""

    decision = forms.ChoiceField(help_text="By the charter: it says who votes and what it takes.")
    question = forms.CharField(max_length=300, help_text="So that yes means it happens.")
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 5}), required=False, label="Why", help_text="Markdown.")
    members = forms.ModelMultipleChoiceField(
        Person.objects.filter(merged_into__isnull=True),
        required=False,
        to_field_name="slug",
        label="About whom",
        help_text="For a removal or a vote of no confidence; nobody named: the whole body.",
    )
    days = forms.IntegerField(min_value=1, max_value=366, required=False, help_text="Where the charter leaves it open.")
    zone = ZoneField()
    share = forms.CharField(
        max_length=20, required=False, label="Threshold", help_text="Only where the charter names none: 1/2 or 75 %."
    )
    base = forms.ChoiceField(choices=[("", "as the charter says"), *Ballot.Base.choices], required=False, label="Of")
    strict = forms.BooleanField(required=False, label="More than that, not just as much")
    electorate = forms.MultipleChoiceField(
        required=False, label="Who votes", help_text="Only where the charter does not say."
    )

    def __init__(self, *args: Any, decisions: dict[str, Decision], offices: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(name, rule.title) for name, rule in decisions.items()]  # type: ignore[attr-defined]
        self.fields["electorate"].choices = list(offices.items())  # type: ignore[attr-defined]
