"""Print the one-time link by which the first administrator chooses a name and a password."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse

from governance.actions.administrator import VALID_FOR, LinkRefused, make_administrator_link


class Command(BaseCommand):
    help = (
        "Print a link by which the first administrator chooses a name and a password. It works once, "
        "and not for long; a new one replaces it. Says so where there is an administrator already."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", default="http://127.0.0.1:8000", help="where the site is (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = make_administrator_link()
        except LinkRefused as refused:
            self.say(options["json"], {"url": None, "reason": str(refused)}, str(refused))
            return
        url = options["site"].rstrip("/") + reverse("governance:first_administrator", args=[token.value])
        minutes = int(VALID_FOR.total_seconds() // 60)
        words = f"{url}\nWorks once, within {minutes} minutes; `administrator_link` makes a new one."
        self.say(options["json"], {"url": url, "expires_at": token.expires_at.isoformat()}, words)

    def say(self, as_json: bool, document: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(document) if as_json else words)
