"""pip's own words, as pip 23.2 and 26.3 printed them, and what a reader is told instead."""

import pytest

from benchmarks_runner.bundles.failures import explain

NOT_OFFERED = """Looking in links: /srv/wheels
ERROR: Could not find a version that satisfies the requirement torch==9.9.9 (from versions: {})
ERROR: No matching distribution found for torch==9.9.9"""
UNREACHED = """
2026-01-01T00:00:00,000 Could not fetch URL https://index.example/simple/torch/: connection error: HTTPSConnectionPool(\
host='index.example'): Max retries exceeded with url: /simple/torch/ (Caused by X()) - skipping"""
NOT_THERE = """
2026-01-01T00:00:00,000 Could not fetch URL https://index.example/simple/torch/: 404 Client Error: Not Found for url: \
https://index.example/simple/torch/ - skipping"""
HASHES = """Processing /srv/wheels/six-1.17.0-py2.py3-none-any.whl (from -r h.txt (line 1))
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, \
please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
    six==1.17.0 from file:///srv/wheels/six-1.17.0-py2.py3-none-any.whl (from -r h.txt (line 1)):
        Expected sha256 0000000000000000000000000000000000000000000000000000000000000000
             Got        4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274
"""
CONFLICT = """ERROR: Cannot install one==1.0.0 and two==2.0.0 because these package versions have conflicting \
dependencies.

The conflict is caused by:
    The user requested two==2.0.0
    one 1.0.0 depends on two<2

ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/"""


@pytest.mark.parametrize(
    ("output", "relocking", "told"),
    [
        (
            NOT_OFFERED.format("1.0, 2.0"),
            False,
            "torch==9.9.9 is not offered as a wheel to this Python; offered are 1.0, 2.0",
        ),
        (NOT_OFFERED.format("1, 2, 3, 4, 5, 6"), False, "offered are … 2, 3, 4, 5, 6: ask for one of them"),
        (NOT_OFFERED.format("none"), False, "check the name, and pip's configuration"),
        (NOT_OFFERED.format("none") + NOT_THERE, False, "check the name, and pip's configuration"),
        (NOT_OFFERED.format("none") + UNREACHED, False, "cannot be reached: check the network"),
        (NOT_OFFERED.format("1.0"), True, "no longer has torch==9.9.9, which this bundle was locked to"),
        (HASHES, False, "the file that came for six==1.17.0 is not the one the index promised"),
        (HASHES, True, "another file for six==1.17.0 than this bundle was locked to"),
        (CONFLICT, False, "exclude each other (one==1.0.0 and two==2.0.0)"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            False,
            "no space left",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", False, "set PIP_CERT"),
        ("ERROR: 403 Client Error: Forbidden for url: https://index.example/x", False, "check the credentials"),
        ("x is not a trusted or secure host and is being ignored.", False, "PIP_TRUSTED_HOST"),
        ("", False, "pip failed: it said nothing (all of pip's output: logs/x.log)"),
    ],
)
def test_pip_fails_in_one_line_with_the_remedy(output, relocking, told):
    said = str(explain(output, relocking=relocking, log="logs/x.log"))
    assert told in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "output", [NOT_OFFERED, UNREACHED, HASHES, CONFLICT, "ERROR: bad https://u:p@index.example/x /srv/wheels/y"]
)
def test_no_address_and_no_path_reaches_the_page(output):
    said = str(explain(output, relocking=False, log="logs/x.log"))
    assert "example" not in said
    assert "/srv" not in said
