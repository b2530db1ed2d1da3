"""Forms of elections: announcing one, nominating, the ballot paper, receipts, what officers decide."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ecosystem.models import Person
from governance.actions.elections import Rules, Timetable
from governance.deadlines import UnknownZone, closing_moment
from governance.markdown import TextRefused, check_text
from governance.models import Election, Nomination, Office
from governance.queries.elections import person_of_login

HIGHEST = {"scores": 5, "approvals": 1}


def day_field(help_text: str, *, required: bool = True) -> forms.DateField:
    """Return a field of a day."""
    return forms.DateField(required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}))


def person_called(text: str) -> Person:
    """Return the one person of a GitHub login, an address or a whole name.

    Raises:
        ValidationError: for nobody, or for several of that name.
    """
    text = text.strip().removeprefix("@")
    by_login = person_of_login(text)
    if by_login is not None:
        return by_login
    named = Person.objects.filter(slug=text.lower()) or Person.objects.filter(name__iexact=text)
    humans = {person.kept for person in named.select_related("merged_into")[:5]}
    if len(humans) != 1:
        many = "Several people have this name: write the GitHub login." if humans else "Nobody is known by this."
        raise ValidationError(many)
    return humans.pop()


class PersonField(forms.CharField):
    """A person, by GitHub login or whole name."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return person_called(text) if text else None


class PeopleField(forms.CharField):
    """Several people, one a line, by GitHub login or whole name."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> Any:
        return [person_called(line) for line in super().clean(value).splitlines() if line.strip()]


class MarkdownField(forms.CharField):
    """Words in Markdown, of a length that can be kept and shown."""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return check_text(super().clean(value))
        except TextRefused as refused:
            raise ValidationError(str(refused)) from refused


class AnnounceForm(forms.Form):
    """An election's rules, days and officers."""

    title = forms.CharField(max_length=160)
    slug = forms.SlugField(max_length=80, label="Address", help_text="The last part of its address: council-2027.")
    office = forms.ModelChoiceField(Office.objects.select_related("project").order_by("name"))
    rule = forms.URLField(
        max_length=300, assume_scheme="https", help_text="Where the rule stands that this election follows."
    )
    about = MarkdownField(required=False, rows=5, help_text="What voters must know, in Markdown.")
    seats = forms.IntegerField(min_value=1, max_value=100)
    long_seats = forms.IntegerField(
        min_value=1, max_value=100, required=False, help_text="The first so many get the long term."
    )
    # No method is chosen silently: what a charter leaves open, a person decides.
    method = forms.ChoiceField(choices=[("", "choose one"), *Election.Method.choices])
    unranked = forms.ChoiceField(
        choices=[("excluded", "voters say nothing about them"), ("last", "they come last")],
        label="Candidates whom a ballot leaves out",
    )
    employer_cap = forms.IntegerField(
        min_value=1, max_value=100, required=False, help_text="Most seats of one employer."
    )
    tie_break = forms.MultipleChoiceField(
        choices=Election.TieBreak.choices,
        widget=forms.CheckboxSelectMultiple,
        label="A contested tie is settled by",
        help_text="In this order.",
    )
    electing_offices = forms.ModelMultipleChoiceField(
        Office.objects.order_by("name"), required=False, help_text="Their holders may vote."
    )
    electors_on = day_field("The day on which electors hold those offices.")
    activity_from = forms.IntegerField(
        min_value=1, required=False, help_text="How much activity, by a list that officers import, makes an elector."
    )
    nominators = forms.ChoiceField(choices=Election.Nominators.choices, label="Who nominates")
    nominating_offices = forms.ModelMultipleChoiceField(Office.objects.order_by("name"), required=False)
    endorsements = forms.IntegerField(
        min_value=0, max_value=100, required=False, help_text="How many electors must endorse who stands; empty: none."
    )
    endorsing_employers = forms.IntegerField(
        min_value=1, max_value=100, required=False, help_text="Of at least so many different employers."
    )
    nominee_endorses = forms.BooleanField(required=False, label="A nominee who is an elector counts as one of them")
    unknown_differs = forms.BooleanField(
        required=False, label="Endorsers whose employer is unknown count as of different employers"
    )
    officers = PeopleField(
        required=False, help_text="Who runs it and does not stand, one a line: GitHub login or whole name."
    )
    zone = forms.CharField(
        max_length=60, initial="AoE", help_text="AoE (anywhere on Earth), UTC or such as Europe/Paris."
    )
    nominations_until = day_field("The last day of nominations.")
    exceptions_until = day_field("The last day on which exceptions are asked for.")
    voting_from = day_field("The first day of voting, after those two.")
    voting_until = day_field("The last day of voting.")
    takes_office_on = day_field("The day on which the elected begin.")
    long_until = day_field("When the terms expire, or the long ones.", required=False)
    short_until = day_field("When the short terms expire.", required=False)
    publish_from = forms.IntegerField(
        min_value=5, initial=15, help_text="With fewer ballots than this, ballots are not published."
    )

    def clean(self) -> dict[str, Any]:
        """Turn days into moments in the zone."""
        cleaned = super().clean() or {}
        cleaned["endorsements"] = cleaned.get("endorsements") or 0
        if (cleaned.get("endorsing_employers") or 0) > cleaned["endorsements"]:
            self.add_error("endorsing_employers", "No more employers than endorsements.")
        days = ("nominations_until", "exceptions_until", "voting_from", "voting_until")
        if any(cleaned.get(name) is None for name in (*days, "zone")):
            return cleaned
        try:
            until = {name: closing_moment(cleaned[name], cleaned["zone"]) for name in days}
            begins = closing_moment(cleaned["voting_from"] - timedelta(days=1), cleaned["zone"])
        except (UnknownZone, OverflowError) as error:
            self.add_error("zone", str(error))
            return cleaned
        if begins < max(until["nominations_until"], until["exceptions_until"]):
            self.add_error("voting_from", "Voting begins after the last day of nominations and of exceptions.")
        if until["voting_until"] <= begins:
            self.add_error("voting_until", "Voting ends on the day on which it begins, or later.")
        return cleaned | {"until": until, "begins": begins}

    def announced(self) -> dict[str, Any]:
        """Return what the action takes."""
        given = self.cleaned_data
        until = given["until"]
        rules = {name: given[name] for name in Rules.__dataclass_fields__ if name in given}
        timetable = Timetable(
            nominations_close_at=until["nominations_until"],
            exceptions_close_at=until["exceptions_until"],
            opens_at=given["begins"],
            closes_at=until["voting_until"],
            takes_office_on=given["takes_office_on"],
            long_until=given["long_until"],
            short_until=given["short_until"],
            zone=given["zone"],
        )
        kept = {name: given[name] for name in ("office", "slug", "title", "about", "officers")}
        return {**kept, "rules": Rules(**rules), "timetable": timetable}


class NominationForm(forms.Form):
    """Whom one nominates, and why."""

    person = PersonField(max_length=120, label="Whom", help_text="GitHub login or whole name; yourself too.")
    reason = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Why; public."
    )


class StatementForm(forms.Form):
    """A candidate's own words."""

    statement = MarkdownField(
        max_length=20_000, required=False, help_text="In Markdown; public. You can change it until voting opens."
    )


class ExceptionForm(forms.Form):
    """Why somebody should be an elector."""

    words = forms.CharField(
        max_length=4000,
        label="Why you should vote",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Only the officers read this; that you asked, what they decide and why is public.",
    )


class ReceiptForm(forms.Form):
    """A receipt, or the code of a published ballot, however it is typed."""

    receipt = forms.CharField(
        max_length=80,
        label="Receipt",
        help_text="32 letters and digits; hyphens, spaces and capitals do not matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "identifier-input"}),
    )


class BallotForm(forms.Form):
    """A ballot paper: a number or a mark for each candidate, none where the voter says nothing."""

    def __init__(
        self,
        *args: Any,
        election: Election,
        papers: Sequence[Nomination],
        given: Mapping[int, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **{"prefix": "mark", **kwargs})
        self.election, self.papers = election, papers
        for paper in papers:
            self.fields[str(paper.pk)] = self.field(paper, (given or {}).get(paper.pk))

    def field(self, paper: Nomination, mark: int | None) -> forms.Field:
        """Return the field of one candidate."""
        name = paper.name
        if self.election.marks == "approvals":
            return forms.BooleanField(required=False, label=name, initial=bool(mark))
        lowest = 1 if self.election.marks == "ranks" else 0
        highest = HIGHEST.get(self.election.marks, len(self.papers))
        wrong = f"{name}: give a whole number from {lowest} to {highest}, or none."
        return forms.IntegerField(
            required=False,
            label=name,
            initial=mark,
            min_value=lowest,
            max_value=highest,
            error_messages={"min_value": wrong, "max_value": wrong, "invalid": wrong},
            widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )

    def marks(self) -> dict[int, int]:
        """Return what was marked; an approval that is not given is no mark, so that two papers alike are one ballot."""
        found = {paper.pk: self.cleaned_data[str(paper.pk)] for paper in self.papers}
        return {key: int(mark) for key, mark in found.items() if mark is not None and mark is not False}

    def rows(self) -> list[tuple[Nomination, forms.BoundField]]:
        """Return each candidate with their field."""
        return [(paper, self[str(paper.pk)]) for paper in self.papers]


class ActivityForm(forms.Form):
    """A list of activity."""

    text = forms.CharField(
        label="The list",
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line: GitHub login, comma, how much. It takes the place of the list before.",
    )
    source = forms.URLField(max_length=300, assume_scheme="https", help_text="Where the list was read; public.")


class DecisionForm(forms.Form):
    """What officers decide about an exception, with its reason."""

    granted = forms.TypedChoiceField(
        choices=[("yes", "Grant"), ("no", "Refuse")], coerce=lambda value: value == "yes", label="Decision"
    )
    reason = forms.CharField(max_length=1000, help_text="Public.")


class TieForm(forms.Form):
    """How a contested tie is settled."""

    how = forms.ChoiceField(label="By")
    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Public.")
    runoff = forms.ModelChoiceField(
        Election.objects.none(), required=False, help_text="The election that was held among the tied, if one was."
    )

    def __init__(self, *args: Any, election: Election, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [(way, Election.TieBreak(way).label) for way in election.tie_break]
        self.fields["how"] = forms.ChoiceField(choices=ways, label="By")
        if Election.TieBreak.RUNOFF in election.tie_break:
            others = Election.objects.filter(office=election.office).exclude(pk=election.pk)
            self.fields["runoff"].queryset = others  # type: ignore[attr-defined]
        else:
            del self.fields["runoff"]


class CancelForm(forms.Form):
    """Why an election is cancelled."""

    reason = forms.CharField(max_length=2000, help_text="Public. Ballots that were cast are destroyed unread.")
