"""What a reader may fill in: the comparison that a night is to make."""

from dataclasses import dataclass

from django import forms

from benchmarks_runner.bundles.specification import Specification, SpecificationError, parse
from benchmarks_runner.bundles.variables import crippling_note
from benchmarks_runner.models import Build, Bundle, Device
from ci_gpu.catalogue import SUITES


@dataclass(frozen=True)
class Installation:
    """What asking for a build will install."""

    title: str
    canonical: str
    requirements: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    state: str
    note: str


class NightForm(forms.Form):
    """Ask for a night: a candidate against a baseline, on one device."""

    candidate = forms.CharField(
        max_length=1000,
        label="Candidate: the build that is to be judged",
        help_text="A build's name, or a specification: torch==2.14.1, with variables if any: torch==2.14.1,VAR=value",
    )
    baseline = forms.CharField(
        max_length=1000,
        label="Baseline: what it is compared with",
        help_text="The same as the candidate makes an A/A comparison: nothing should be found.",
    )
    suite = forms.ChoiceField(label="Suite", help_text="Which points are measured.")
    device = forms.ModelChoiceField(
        Device.objects.none(),
        label="Device",
        required=False,
        empty_label="the CPUs of the machine that runs this site",
        help_text="Where it is measured. Results of different devices are never compared.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [
            (suite.name, f"{suite.name}: {suite.title} ({len(suite.points)} points)") for suite in SUITES.values()
        ]
        self.fields["suite"].choices = choices  # type: ignore[attr-defined]
        devices = Device.objects.select_related("machine").filter(state=Device.State.FREE)
        self.fields["device"].queryset = devices  # type: ignore[attr-defined]
        for name in ("candidate", "baseline"):
            attributes = self.fields[name].widget.attrs
            attributes.update({"list": "known-builds", "class": "identifier-input", "spellcheck": "false"})
            attributes.update({"autocapitalize": "off", "autocomplete": "off", "placeholder": "torch==2.13.0"})

    def clean_candidate(self) -> str:
        """Refuse what can be no build, in the words that say what to write instead."""
        return _checked(self.cleaned_data["candidate"])

    def clean_baseline(self) -> str:
        """Refuse what can be no build, in the words that say what to write instead."""
        return _checked(self.cleaned_data["baseline"])

    def installations(self) -> list[tuple[str, Installation]]:
        """Return what each field that can be read will install, by the field's name."""
        named = [(name, self.cleaned_data.get(name)) for name in ("candidate", "baseline")]
        return [(name, installation(text)) for name, text in named if text]


def _checked(text: str) -> str:
    """Return a build's name or specification; raise the specification's own words as the field's error."""
    build = Build.objects.select_related("bundle").filter(name=text.strip()).first()
    try:
        canonical = parse(build.bundle.specification if build else text).canonical
    except SpecificationError as error:
        raise forms.ValidationError(f"{error}.") from error
    return build.name if build else canonical


def installation(text: str) -> Installation:
    """Say what a build's name or a specification will install, and whether it is here already."""
    build = Build.objects.select_related("bundle").filter(name=text.strip()).first()
    wanted = parse(build.bundle.specification if build else text)
    bundle = Bundle.objects.filter(specification=wanted.canonical).first()
    return Installation(
        title=wanted.title,
        canonical=wanted.canonical,
        requirements=wanted.requirements,
        variables=tuple(wanted.variables.items()),
        state=_state(bundle),
        note=_note(build, wanted),
    )


def _state(bundle: Bundle | None) -> str:
    """Say what stands between this bundle and a measurement."""
    states = {
        Bundle.State.READY: "installed already",
        Bundle.State.INSTALLING: "being installed now",
        Bundle.State.BROKEN: "could not be installed last time; it will be tried again",
    }
    return states.get(Bundle.State(bundle.state), "will be installed") if bundle else "will be installed"


def _note(build: Build | None, wanted: Specification) -> str:
    """Say what a reader must know of the build."""
    return (build.note if build else "") or crippling_note(wanted.variables) or ""
