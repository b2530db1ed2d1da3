"""The reference page says what the reader reads by."""

from django.conf import settings

from governance.charter.parts import ALL_PARTS
from governance.charter.reference import tables


def test_the_page_ends_with_the_schema_as_it_is() -> None:
    page = (settings.BASE_DIR / "docs" / "reference" / "charter.md").read_text(encoding="utf-8")
    written = page.partition("`python3 -m governance.charter.reference`.\n\n")[2]
    assert written.split() == tables().split(), "write it anew: python3 -m governance.charter.reference"


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    text = tables().lower()
    for part in ALL_PARTS[1:]:
        assert f"### {part.__name__.lower()}\n" in text
