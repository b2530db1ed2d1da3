"""Forms of charters: a changed text to look at and to propose, a decision taken elsewhere, a day."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from governance.charter.reader import LARGEST_TEXT

LARGEST_BYTES = 4 * LARGEST_TEXT
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CODE = {"rows": 24, "spellcheck": "false", "class": "code", "wrap": "off", "autocomplete": "off"}


class UploadRefused(ValueError):
    """A file that is no text, or larger than any charter."""


def text_of_upload(upload: UploadedFile) -> str:
    """Return the text of a file.

    Raises:
        UploadRefused: for one that is too large, or is not UTF-8.
    """
    if (upload.size or 0) > LARGEST_BYTES:
        raise UploadRefused(f"The file has {upload.size} bytes; at most {LARGEST_BYTES} are read. It is no charter.")
    try:
        return upload.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UploadRefused(f"The file is not UTF-8 at byte {error.start}: save it as UTF-8.") from error


class CharterTextForm(forms.Form):
    """A charter's text, pasted or from a file; a file that is given replaces what is pasted."""

    toml = forms.CharField(
        widget=forms.Textarea(attrs=CODE),
        strip=False,
        max_length=LARGEST_TEXT,
        label="The changed charter",
        help_text="TOML: the whole text, with your changes. It begins as the rules are now.",
    )
    file = forms.FileField(required=False, label="Or a file", help_text="It replaces what stands above.")
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        self.unreadable = ""
        upload = files.get("file") if files else None
        if data is not None and upload is not None:
            data = data.copy()
            try:
                data["toml"] = text_of_upload(upload)
            except UploadRefused as refused:
                self.unreadable = str(refused)
        super().__init__(data, **kwargs)

    def clean_toml(self) -> str:
        """Return the text with the line ends of a file: browsers send others, and the digest is of each byte."""
        return str(self.cleaned_data["toml"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with a file that was given."""
        if self.unreadable:
            self.add_error("file", self.unreadable)
        return self.cleaned_data


class ChangeForm(CharterTextForm):
    """A change of the charter: what, why, and the changed text."""

    title = forms.CharField(max_length=300, help_text="What it changes, in a line.")
    why = forms.CharField(widget=forms.Textarea(attrs={"rows": 6}), help_text="The reasons, in Markdown.")
    note = forms.CharField(max_length=200, required=False, label="What is new", help_text="In a line.")
    at = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ("title", "why", "toml", "file", "note")

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["note"]


class EntryForm(CharterTextForm):
    """A version that was decided elsewhere."""

    source = forms.CharField(
        max_length=290, label="Where it was decided", help_text="The decision's public address: https://…"
    )
    decided_on = forms.DateField(widget=DAY, label="Decided on")
    in_force_from = forms.DateField(widget=DAY, label="In force from", help_text="The first day.")

    field_order = ("source", "decided_on", "in_force_from", "toml", "file")


class AdoptForm(forms.Form):
    """From which day an accepted change is in force, and which text was looked at."""

    on = forms.DateField(widget=DAY, label="In force from", help_text="The first day; the version before it ends then.")
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()
