"""Tables as files."""

import csv
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> HttpResponse:
    """Return a table as a CSV download; what is missing is an empty cell."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    # A point may be called anything; a file's name in a header may not.
    response["Content-Disposition"] = f'attachment; filename="{re.sub(r"[^A-Za-z0-9._+-]", "-", name)}"'
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(rows)
    return response
