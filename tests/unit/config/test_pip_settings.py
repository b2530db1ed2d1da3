"""pip's settings, read from what pip prints, and the same said to uv."""

import os
import sys

import pytest

from config.pip_settings import for_uv, parse, pip_settings

LISTING = """\
:env:.cert='/etc/ssl/own.pem'
:env:.default-timeout='180'
global.cert='/etc/ssl/other.pem'
global.extra-index-url='file:///a/simple https://b.example/simple'
global.index-url='https://index.example/simple'
install.find-links='/wheels\\n/more'
install.trusted-host='index.example'
"""


def test_a_variable_beats_a_file_and_a_command_beats_the_general():
    assert parse("global.index-url='a'\ninstall.index-url='b'\n")["index-url"] == "b"
    assert parse(":env:.index-url='c'\nglobal.index-url='a'\ninstall.index-url='b'\n")["index-url"] == "c"
    assert parse(LISTING)["cert"] == "/etc/ssl/own.pem"


def test_lines_that_are_no_settings_are_left_out():
    assert parse("WARNING: something\nfreeze.all='1'\n\n") == {}


def test_uv_looks_where_pip_looks(monkeypatch):
    for name in ("SSL_CERT_FILE", "UV_HTTP_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    options, variables = for_uv(parse(LISTING))
    said = " ".join(options)
    assert "--default-index https://index.example/simple" in said
    assert "--index file:///a/simple --index https://b.example/simple" in said
    assert "--find-links /wheels --find-links /more" in said
    assert "--allow-insecure-host index.example" in said
    assert "--system-certs" in options
    assert variables == {"SSL_CERT_FILE": "/etc/ssl/own.pem", "UV_HTTP_TIMEOUT": "180"}


def test_what_the_user_set_for_uv_stays(monkeypatch):
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "7")
    assert "UV_HTTP_TIMEOUT" not in for_uv({"timeout": "180"})[1]


@pytest.mark.parametrize(("value", "said"), [("1", True), ("true", True), ("false", False), ("", False)])
def test_no_index_is_a_switch(value, said):
    assert ("--no-index" in for_uv({"no-index": value})[0]) is said


def test_pip_itself_is_understood(tmp_path, monkeypatch):
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://index.example/simple\n[install]\nfind-links =\n  /one\n  /two\n")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://more.example/simple")
    settings = pip_settings(getattr(sys, "_base_executable", sys.executable))
    assert settings["index-url"] == "https://index.example/simple"
    assert settings["extra-index-url"] == "https://more.example/simple"
    assert settings["find-links"].split() == ["/one", "/two"]
