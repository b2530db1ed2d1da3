"""Installations that are killed, that meet each other, and whose progress is watched: real processes throughout."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks_runner.bundles.install import WAITING, install
from benchmarks_runner.bundles.inventory import marker_of
from benchmarks_runner.bundles.specification import parse
from benchmarks_runner.bundles.store import Store
from tests.bundle_wheels import make_wheel, offered, sha256

# Installs, and writes each thing it says on a line of its own.
INSTALLER = """
import sys
from pathlib import Path
from benchmarks_runner.bundles.install import install
from benchmarks_runner.bundles.specification import parse
from benchmarks_runner.bundles.store import Store
ready = install(Store(Path(sys.argv[1])), parse("flame==1.0.0"), on_progress=lambda text, part: print(text, flush=True))
print("ready", ready.digest, flush=True)
"""

# Imported, waits until there is a file, where one is named.
WAITS = """
import os, time
while os.environ.get("FLAME_WAITS_FOR") and not os.path.exists(os.environ["FLAME_WAITS_FOR"]): time.sleep(0.02)
"""


@pytest.fixture
def offer(tmp_path, monkeypatch):
    folder = offered(tmp_path, monkeypatch)
    # Enough files that each stage takes a moment; the last stage, the import, takes as long as a test wants it to.
    modules = {f"flame/module_{number}.py": f"NUMBER = {number}\n" * 40 for number in range(300)}
    make_wheel(folder, "flame", files={"flame/__init__.py": WAITS, **modules}, requires=["spark"])
    make_wheel(folder, "spark")
    return folder


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "bundles")


def start_installer(store, **variables):
    return subprocess.Popen(
        [sys.executable, "-c", INSTALLER, str(store.root)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=os.getcwd(),
        env={**os.environ, **variables},
    )


def children_of(pid):
    """List the children of a process, and theirs, as the kernel has them now."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children_of(int(child))]
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids, within_s=60.0):
    """Tell whether these processes end by themselves soon."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(map(alive, pids)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in Linux's /proc")
def test_an_installation_killed_at_any_stage_is_mended_by_the_next(offer, store):
    """One after the other in one folder: each has to cope with what the kill before it left."""
    for stage in ("asking", "fetching", "unpacking flame", "unpacking spark", "putting", "importing"):
        with start_installer(store, FLAME_WAITS_FOR="/what never comes") as installer:
            if not any(line.startswith(stage) for line in installer.stdout):
                pytest.fail(f"the installation never said {stage}")
            children = children_of(installer.pid)
            installer.send_signal(signal.SIGKILL)
        assert gone(children), f"a child outlived the installer that was killed while {stage}"
        assert not list(store.environments.iterdir()), f"killed while {stage}, but something stands as finished"
    ready = install(store, parse("flame==1.0.0"))
    assert marker_of(ready.python.parents[1])["digest"] == ready.digest
    assert subprocess.run([ready.python, "-I", "-c", "import flame.module_299, spark"]).returncode == 0
    assert list(store.partial.iterdir()) == []


@pytest.mark.slow
def test_installations_killed_at_random_moments_never_leave_anything_usable_but_whole(offer, store):
    """Eight kills, each a little later than the one before; whatever stands in the end is whole."""
    for attempt in range(8):
        with start_installer(store) as installer:
            time.sleep(0.4 * attempt)
            installer.send_signal(signal.SIGKILL)
        for folder in store.environments.iterdir() if store.environments.exists() else ():
            assert marker_of(folder) is not None
            assert subprocess.run([folder / "bin/python", "-I", "-c", "import flame.module_299"]).returncode == 0
    assert subprocess.run([install(store, parse("flame==1.0.0")).python, "-I", "-c", "import flame"]).returncode == 0


@pytest.mark.slow
def test_of_two_installations_at_once_the_second_waits_and_finds_it_ready(offer, store, tmp_path):
    go_on = tmp_path / "go on"
    with start_installer(store, FLAME_WAITS_FOR=str(go_on)) as first:
        assert first.stdout.readline().startswith("asking")
        with start_installer(store) as second:
            begun = second.stdout.readline()
            go_on.touch()
            said = [[*first.stdout], [begun, *second.stdout]]
    assert said[0][-1] == said[1][-1] != ""
    assert said[0][-1].startswith("ready")
    assert said[1][0].strip() == WAITING
    # Neither unpacked anything again: it asked pip what is needed, and found it there.
    assert not any(line.startswith(("fetching", "unpacking", "putting")) for line in said[1])
    assert len(list(store.environments.iterdir())) == 1


# --- a download that takes a while -------------------------------------------------------------------------------


class SlowIndex(http.server.BaseHTTPRequestHandler):
    """A package index of one wheel, which it hands over in small pieces."""

    wheel: Path

    def do_GET(self):
        page = f'<a href="/files/{self.wheel.name}#sha256={sha256(self.wheel)}">{self.wheel.name}</a>'.encode()
        if self.path == "/simple/flame/":
            self.answer("text/html", [page])
        elif self.path == f"/files/{self.wheel.name}":
            content = self.wheel.read_bytes()
            self.answer("application/zip", [content[at : at + 300_000] for at in range(0, len(content), 300_000)], 0.05)
        else:
            self.send_error(404)

    def answer(self, kind, pieces, pause_s=0.0):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(sum(map(len, pieces))))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            time.sleep(pause_s)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def slow_index(tmp_path, monkeypatch):
    offered(tmp_path, monkeypatch)
    content = {"flame.py": "", "flame.bin": os.urandom(12_000_000)}
    handler = type("Index", (SlowIndex,), {"wheel": make_wheel(tmp_path / "index", "flame", files=content)})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@pytest.mark.slow
def test_the_bytes_of_a_download_are_told_while_it_runs(slow_index, store):
    said = []
    ready = install(store, parse("flame==1.0.0"), on_progress=lambda text, part: said.append(text))
    counted = [int(text.split(", ")[1].split()[0]) for text in said if text.endswith(" of 12 MB")]
    assert len(set(counted)) >= 3, said
    assert all(0 <= here <= 12 for here in counted)
    assert ready.lock[0].sha256 == sha256(slow_index.RequestHandlerClass.wheel)


@pytest.mark.slow
def test_a_file_that_is_not_what_the_index_promised_is_refused(slow_index, store, monkeypatch):
    from benchmarks_runner.bundles.errors import BundleError

    handler, honest = slow_index.RequestHandlerClass, slow_index.RequestHandlerClass.answer

    def lie(self, kind, pieces, pause_s=0.0):
        honest(self, kind, [piece.replace(sha256(handler.wheel).encode(), b"0" * 64) for piece in pieces], 0.0)

    monkeypatch.setattr(handler, "answer", lie)
    with pytest.raises(BundleError, match="not the one the index promised") as problem:
        install(store, parse("flame==1.0.0"))
    assert "127.0.0.1" not in str(problem.value)
    assert list(store.environments.iterdir()) == list(store.wheels.iterdir()) == []
