"""pip's own settings (its files and PIP_* variables), and the same said to uv."""

import ast
import os
import subprocess
from collections.abc import Mapping

# From weak to strong: a variable beats a file, the section of a command beats the general one.
SECTIONS = ("global.", "install.", ":env:.")


def pip_settings(python: str) -> dict[str, str]:
    """Return pip's effective settings by name, such as `index-url`; none where pip cannot tell."""
    listing = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(listing.stdout)


def parse(listing: str) -> dict[str, str]:
    """Read the lines `section.name='value'` of `pip config list`."""
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listing.splitlines():
        key, _, quoted = line.partition("=")
        section = next((each for each in SECTIONS if key.startswith(each)), None)
        if section:
            found[section][key.removeprefix(section).replace("_", "-")] = unquoted(quoted)
    return {name: value for section in SECTIONS for name, value in found[section].items()}


def unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (SyntaxError, ValueError):
        return value


def for_uv(settings: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the options and the variables that make uv look where pip looks."""
    options = ["--system-certs", "--index-strategy", "unsafe-best-match"]
    for name, option in (("index-url", "--default-index"), ("extra-index-url", "--index")):
        options += repeated(option, settings.get(name, ""))
    options += repeated("--find-links", settings.get("find-links", ""))
    options += repeated("--allow-insecure-host", settings.get("trusted-host", ""))
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    return tuple(options), variables_for_uv(settings)


def repeated(option: str, values: str) -> list[str]:
    """Give one option once for each of pip's values, which blanks and line ends separate."""
    return [word for value in values.split() for word in (option, value)]


def variables_for_uv(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that uv takes from variables only; what the user set for uv stays."""
    proxy = settings.get("proxy", "")
    wanted = {
        "SSL_CERT_FILE": settings.get("cert", ""),
        "SSL_CLIENT_CERT": settings.get("client-cert", ""),
        "UV_HTTP_TIMEOUT": settings.get("timeout", settings.get("default-timeout", "")),
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
    }
    return {name: value for name, value in wanted.items() if value and name not in os.environ}
