"""A data folder for one run of the tests, and the removal of those that killed runs left behind."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.launcher import LaunchError, Services

PREFIX = f"flk{os.getuid()}-"


@contextmanager
def private_data() -> Iterator[Path]:
    """Make a data folder with a short path, and remove it afterwards with everything that runs on it."""
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=short_folder()))
    # Entered by the services' user too; what is inside stays private.
    folder.chmod(0o711)
    held = os.open(folder / "held", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        os.close(held)
        remove(folder)


def short_folder() -> str:
    """Return where temporary folders have short paths: sockets lie in them."""
    return "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108  (mkdtemp makes it private)


def remove_abandoned() -> None:
    """Remove the folders whose run is gone; the system dropped their lock when it was killed."""
    for folder in Path(short_folder()).glob(f"{PREFIX}*"):
        if abandoned(folder):
            remove(folder)


def abandoned(folder: Path) -> bool:
    """Tell whether a folder is of ours and nobody holds it."""
    try:
        if folder.lstat().st_uid != os.getuid() or folder.is_symlink():
            return False
        held = os.open(folder / "held", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True


def remove(folder: Path) -> None:
    """Stop what runs on a folder and remove it."""
    try:
        Services(folder).stop()
    except LaunchError:
        return
    shutil.rmtree(folder, ignore_errors=True)
