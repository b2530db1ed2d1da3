"""Installing with the real pip: sharing, second copies, the user's configuration, and what goes wrong."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks_runner.bundles.collection import carry_out, choose, holdings_of
from benchmarks_runner.bundles.environments import complete, usable
from benchmarks_runner.bundles.errors import BundleError
from benchmarks_runner.bundles.install import ensure_environment, install
from benchmarks_runner.bundles.inventory import MARKER, marker_of
from benchmarks_runner.bundles.specification import parse
from benchmarks_runner.bundles.store import Store
from tests.bundle_wheels import AWAY, make_wheel, offered, sha256

SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)


@pytest.fixture
def offer(tmp_path, monkeypatch):
    return offered(tmp_path, monkeypatch)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "bundles")


def installed(store, specification, **options):
    return install(store, parse(specification), **options)


def ask(python, code):
    """Return what a program prints in a bundle's interpreter, isolated as a night starts it."""
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_bundle_holds_what_was_asked_for_and_what_that_needs_and_nothing_else(offer, store):
    make_wheel(offer, "flame", "1.2.0", requires=["spark>=1"])
    spark = make_wheel(offer, "spark", "1.5.0")
    make_wheel(offer, "stranger")
    ready = installed(store, "flame==1.2.0")
    assert [wheel.title for wheel in ready.lock] == ["flame 1.2.0", "spark 1.5.0"]
    assert ready.lock[1].sha256 == sha256(spark)
    assert ready.version == "1.2.0"
    names = ask(ready.python, "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))")
    assert names == "['flame', 'spark']"


def test_variables_alone_make_no_second_environment(offer, store):
    make_wheel(offer, "flame")
    plain, crippled = installed(store, "flame==1.0.0"), installed(store, "flame==1.0.0,ATEN_CPU_CAPABILITY=default")
    assert plain.python == crippled.python
    assert len(list(store.environments.iterdir())) == 1


def test_a_wheel_of_two_environments_is_unpacked_and_stored_once(offer, store):
    make_wheel(offer, "spark")
    make_wheel(offer, "flame", requires=["spark"])
    make_wheel(offer, "torchlight", requires=["spark"])
    said = []
    one = installed(store, "flame==1.0.0")
    two = installed(store, "torchlight==1.0.0", on_progress=lambda text, part: said.append(text))
    paths = [ready.python.parents[1] / SITE / "spark.py" for ready in (one, two)]
    assert paths[0].samefile(paths[1])
    assert {text for text in said if text.startswith("unpacking")} == {"unpacking torchlight 1.0.0 (1 of 1)"}


def test_packages_that_share_a_namespace_are_both_found(offer, store):
    make_wheel(offer, "nvidia-cublas", files={"nvidia/cublas/__init__.py": "", "nvidia/cublas/lib/libcublas.so": b"1"})
    make_wheel(offer, "nvidia-cudnn", files={"nvidia/cudnn/__init__.py": "", "nvidia/cudnn/lib/libcudnn.so": b"2"})
    ready = installed(store, "nvidia-cublas==1.0.0,nvidia-cudnn==1.0.0")
    assert ask(ready.python, "import nvidia.cublas, nvidia.cudnn; print('both')") == "both"


def test_modules_come_compiled_and_stay_so_when_times_change(offer, store):
    make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0", copy="b")
    module = ready.python.parents[1] / SITE / "flame.py"
    os.utime(module, (1, 1))
    loaded = "import flame; print(flame.__cached__, flame.__file__)"
    cached, source = ask(ready.python, loaded).split()
    before = os.stat(cached).st_mtime_ns
    ask(ready.python, "import flame")
    assert os.stat(cached).st_mtime_ns == before
    # The compiled file was made elsewhere; a traceback still names this copy's own source.
    where = ask(ready.python, "import flame, types; print(flame.__spec__.loader.get_code('flame').co_filename)")
    assert where == source == str(module)


def test_a_second_copy_has_files_of_its_own_at_a_path_of_equal_length(offer, store):
    make_wheel(offer, "flame")
    a, b = (installed(store, "flame==1.0.0", copy=copy) for copy in "ab")
    assert len(str(a.python)) == len(str(b.python))
    assert a.python != b.python
    files = [path for path in (a.python.parents[1] / SITE).rglob("*") if path.is_file()]
    assert len(files) > 3
    for file in files:
        other = b.python.parents[1] / file.relative_to(a.python.parents[1])
        assert other.read_bytes() == file.read_bytes()
        assert not other.samefile(file)
    assert ask(a.python, "import flame; print(flame.VERSION)") == ask(b.python, "import flame; print(flame.VERSION)")


def test_scripts_find_the_interpreter_beside_them(offer, store):
    make_wheel(
        offer,
        "flame",
        files={"flame.py": "import sys\ndef main():\n    print(sys.prefix)\n"},
        entry_points="[console_scripts]\nflame = flame:main\n",
    )
    for copy in "ab":
        folder = installed(store, "flame==1.0.0", copy=copy).python.parents[1]
        script = subprocess.run([folder / "bin/flame"], capture_output=True, text=True, check=True)
        assert script.stdout.strip() == str(folder)


def test_no_file_of_an_environment_names_the_folder_it_was_made_in(offer, store):
    make_wheel(offer, "flame", entry_points="[console_scripts]\nflame = flame:main\n")
    folder = installed(store, "flame==1.0.0").python.parents[1]
    texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(texts) > 5
    assert not any(str(store.partial).encode() in text or str(offer).encode() in text for text in texts)


def test_the_users_pip_configuration_says_where_packages_come_from(tmp_path, store, monkeypatch):
    make_wheel(tmp_path / "theirs", "flame")
    settings = tmp_path / "pip.conf"
    settings.write_text(f"[global]\nno-index = true\nfind-links = {tmp_path / 'theirs'}\n")
    for name in AWAY:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert installed(store, "flame==1.0.0").version == "1.0.0"


def test_what_would_lead_pip_elsewhere_is_not_passed_on(offer, store, tmp_path, monkeypatch):
    make_wheel(offer, "flame")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sitecustomize.py").write_text("raise SystemExit('the user code was run')")
    for name, value in {
        "PIP_TARGET": str(elsewhere),
        "PIP_USER": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_NO_DEPS": "1",
        "PIP_REQUIREMENT": str(tmp_path / "no-such-file"),
        "PYTHONPATH": str(elsewhere),
    }.items():
        monkeypatch.setenv(name, value)
    ready = installed(store, "flame==1.0.0")
    assert ask(ready.python, "import flame; print(flame.VERSION)") == "1.0.0"
    assert [path.name for path in elsewhere.iterdir()] == ["sitecustomize.py"]


def test_progress_names_the_stages_and_never_goes_back(offer, store):
    make_wheel(offer, "flame")
    said = []
    installed(store, "flame==1.0.0", on_progress=lambda text, part: said.append((text, part)))
    words = [text.split()[0] for text, _ in said]
    assert [word for at, word in enumerate(words) if word not in words[:at]] == [
        "asking", "looking", "fetching", "unpacking", "importing",
    ]  # fmt: skip
    parts = [part for _, part in said if part is not None]
    assert parts == sorted(parts)
    assert 0 <= parts[0] <= parts[-1] <= 1


# --- what is never used ------------------------------------------------------------------------------------------


def harms(folder):
    """List ways to spoil an environment."""
    module, marker = folder / SITE / "flame.py", folder / MARKER
    return [
        lambda: replace(module, ""),
        lambda: module.unlink(),
        lambda: marker.unlink(),
        lambda: replace(marker, marker.read_text().replace('"flame"', '"blame"')),
        lambda: replace(marker, marker.read_text()[:40]),
        lambda: (folder / "bin/python").unlink(),
    ]


def replace(file, text):
    """Put another file in its place; written to, it would change the wheel's own tree through the link."""
    file.unlink()
    file.write_text(text)


def test_an_environment_that_lost_something_is_not_used_and_is_made_anew(offer, store):
    make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0")
    for number in range(len(harms(ready.python.parents[1]))):
        assert complete(store, ready.digest)
        harms(ready.python.parents[1])[number]()
        assert not complete(store, ready.digest)
        again = installed(store, "flame==1.0.0", known_lock=lambda: ready.lock)
        assert again.digest == ready.digest
    assert ask(again.python, "import flame; print(flame.VERSION)") == "1.0.0"


def test_a_wheel_tree_that_lost_something_is_unpacked_again(offer, store):
    make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0")
    (ready.python.parents[1] / SITE / "flame.py").write_text("cut")  # through the link, so in the wheel's tree too
    again = installed(store, "flame==1.0.0", known_lock=lambda: ready.lock)
    assert ask(again.python, "import flame; print(flame.VERSION)") == "1.0.0"


def test_an_environment_under_another_name_is_not_used(offer, store):
    make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0")
    store.environment(ready.digest).rename(store.environment("0" * 64))
    assert not usable(store, "0" * 64)


def test_a_package_that_cannot_be_imported_is_broken_and_leaves_no_environment(offer, store):
    make_wheel(offer, "flame", files={"flame.py": "raise ImportError('needs another CPU: /opt/x/y.so')\n"})
    with pytest.raises(BundleError, match="cannot be imported") as problem:
        installed(store, "flame==1.0.0")
    assert "needs another CPU" in str(problem.value)
    assert "/opt" not in str(problem.value)
    assert list(store.environments.iterdir()) == []


def test_a_framework_that_kills_its_process_is_told_by_its_signal(offer, store):
    make_wheel(offer, "flame", files={"flame.py": "import os\nos.kill(os.getpid(), 4)\n"})
    with pytest.raises(BundleError, match="killed by signal 4"):
        installed(store, "flame==1.0.0")


def test_a_module_of_another_name_is_found(offer, store):
    make_wheel(offer, "scikit-flame", files={"skflame/__init__.py": "", "_private.py": "raise SystemExit(1)\n"})
    assert installed(store, "scikit-flame==1.0.0").version == "1.0.0"


# --- what goes wrong outside -------------------------------------------------------------------------------------


def test_a_version_that_is_not_offered_names_those_that_are(offer, store):
    make_wheel(offer, "flame", "1.0.0")
    make_wheel(offer, "flame", "2.0.0")
    with pytest.raises(BundleError, match=r"flame==3.0.0 is not offered .* 1.0.0, 2.0.0: ask for one of them"):
        installed(store, "flame==3.0.0")


def test_a_source_archive_alone_is_no_offer(offer, store):
    (offer / "flame-1.0.0.tar.gz").write_bytes(b"")
    with pytest.raises(BundleError, match=r"no wheel of flame==1.0.0 is offered"):
        installed(store, "flame==1.0.0")


def test_packages_that_exclude_each_other_are_named(offer, store):
    make_wheel(offer, "flame", requires=["spark<2"])
    make_wheel(offer, "spark", "2.0.0")
    with pytest.raises(BundleError, match="exclude each other"):
        installed(store, "flame==1.0.0,spark==2.0.0")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/simple", "https://index.invalid/simple"])
def test_no_network_is_told_as_that(offer, store, monkeypatch, address):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    for name, value in {"PIP_INDEX_URL": address, "PIP_RETRIES": "0", "PIP_EXTRA_INDEX_URL": ""}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BundleError, match="cannot be reached"):
        installed(store, "flame==1.0.0")


def test_a_file_that_changed_since_the_lock_is_refused_by_its_hash(offer, store):
    make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0")
    store.discard(store.environments)
    store.discard(store.wheels)
    make_wheel(offer, "flame", files={"flame.py": "VERSION = 'another'\n"})
    with pytest.raises(BundleError, match=r"another file for flame==1.0.0 than this bundle was locked to"):
        installed(store, "flame==1.0.0", known_lock=lambda: ready.lock)


def test_a_file_that_is_gone_since_the_lock_is_told(offer, store):
    wheel = make_wheel(offer, "flame")
    ready = installed(store, "flame==1.0.0")
    store.discard(store.environments)
    store.discard(store.wheels)
    wheel.unlink()
    with pytest.raises(BundleError, match=r"no longer has flame==1.0.0, which this bundle was locked to"):
        installed(store, "flame==1.0.0", known_lock=lambda: ready.lock)


def test_a_damaged_download_is_refused(offer, store):
    wheel = make_wheel(offer, "flame")
    with zipfile.ZipFile(wheel) as archive:
        first = archive.infolist()[0]
    with wheel.open("r+b") as file:
        file.seek(first.header_offset + 30 + len(first.filename))
        file.write(b"\xff\xff\xff\xff")
    with pytest.raises(BundleError, match="pip failed"):
        installed(store, "flame==1.0.0")
    assert list(store.environments.iterdir()) == list(store.partial.iterdir()) == []


def test_a_collected_bundle_comes_back_with_the_same_files(offer, store):
    make_wheel(offer, "flame", requires=["spark"])
    make_wheel(offer, "spark", "1.0.0")
    ready = installed(store, "flame==1.0.0")
    plan = choose(holdings_of(store), budget_bytes=0, in_use=(), last_used={})
    with store.changing():
        carry_out(store, plan)
    assert list(store.environments.iterdir()) == list(store.wheels.iterdir()) == []
    make_wheel(offer, "spark", "2.0.0")  # a newer one would be chosen by whoever resolved anew
    again = installed(store, "flame==1.0.0", known_lock=lambda: ready.lock)
    assert again.lock == ready.lock
    assert again.digest == ready.digest


def test_collecting_keeps_the_wheels_that_others_use(offer, store):
    make_wheel(offer, "spark")
    make_wheel(offer, "flame", requires=["spark"])
    make_wheel(offer, "torchlight", requires=["spark"])
    one, two = installed(store, "flame==1.0.0"), installed(store, "torchlight==1.0.0")
    with store.changing():
        plan = choose(holdings_of(store), budget_bytes=0, in_use={two.digest}, last_used={})
        carry_out(store, plan)
    assert plan.gone == (one.digest,)
    assert complete(store, two.digest)
    left = {marker_of(tree)["name"] for wheel in store.wheels.iterdir() for tree in wheel.iterdir()}
    assert left == {"spark", "torchlight"}
    assert plan.after_bytes == holdings_of(store).total_bytes


def test_a_full_disk_is_told_and_leaves_nothing_behind(offer, tmp_path):
    """A filesystem of four megabytes, in a namespace of our own where the kernel lets us have one."""
    make_wheel(offer, "flame", files={"flame.py": "", "flame.bin": os.urandom(6_000_000)})
    small = tmp_path / "small"
    small.mkdir()
    program = (
        "import sys; from pathlib import Path\n"
        "from benchmarks_runner.bundles.install import ensure_environment\n"
        "from benchmarks_runner.bundles.errors import BundleError\n"
        "folder = Path(sys.argv[1])\n"
        "try: ensure_environment(['flame==1.0.0'], folder)\n"
        "except BundleError as problem: print(problem)\n"
        "print(list((folder / 'environments').iterdir()))\n"
    )
    script = 'mount -t tmpfs -o size=4m none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", small, sys.executable, program]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except FileNotFoundError:
        pytest.skip("unshare is not installed here")
    if "unshare" in told.stderr or "mount" in told.stderr:
        pytest.skip(f"no filesystem of our own here: {told.stderr.strip()}")
    assert told.stdout.splitlines()[0].startswith("no space left on this machine's disk"), told.stderr
    assert told.stdout.splitlines()[1] == "[]"


def test_a_folder_that_cannot_be_written_is_told(offer, tmp_path):
    make_wheel(offer, "flame")
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BundleError, match="cannot be written"):
        ensure_environment(["flame==1.0.0"], tmp_path / "file" / "bundles")


def test_an_environment_without_a_database_is_found_again_without_an_index(offer, tmp_path, monkeypatch):
    make_wheel(offer, "flame")
    python = ensure_environment(["flame==1.0.0"], tmp_path / "cache")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    assert ensure_environment(["flame==1.0.0"], tmp_path / "cache") == python


def test_another_python_makes_another_environment(offer, store, monkeypatch):
    other = Path("/usr/bin/python3")
    version = subprocess.run([other, "-VV"], capture_output=True, text=True) if other.exists() else None
    if version is None or version.stdout.strip() == " ".join(["Python", sys.version.replace("\n", "")]):
        pytest.skip("this machine has no second Python")
    make_wheel(offer, "flame")
    one = installed(store, "flame==1.0.0")
    monkeypatch.setenv("FLAMEKEEPER_BUNDLE_PYTHON", str(other))
    two = installed(store, "flame==1.0.0")
    assert one.digest != two.digest
    assert ask(two.python, "import sys; print(sys.version.split()[0])") == two.python_version


@pytest.mark.parametrize("path", ["/no/such/python", "/bin/true"])
def test_a_python_that_is_none_is_told(offer, store, monkeypatch, path):
    monkeypatch.setenv("FLAMEKEEPER_BUNDLE_PYTHON", path)
    with pytest.raises(BundleError, match="FLAMEKEEPER_BUNDLE_PYTHON names no working Python"):
        installed(store, "flame==1.0.0")
