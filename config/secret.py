"""The site's secret key: from the environment, else made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def secret_key(data: Path) -> str:
    """Return FLAMEKEEPER_SECRET_KEY, else the key kept in the data folder, made at the first start."""
    given = os.environ.get("FLAMEKEEPER_SECRET_KEY")
    if given:
        return given
    kept = data / "secret_key"
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft = data / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            # A link, not a rename: of two processes that start together, the first one's key stays.
            os.link(draft, kept)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return kept.read_text().strip()
