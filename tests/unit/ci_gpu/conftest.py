"""Stand-ins for a bundle's interpreter: real processes that speak the protocol without a framework."""

import sys
import textwrap

import pytest

from ci_gpu.supervisor import Interpreter


@pytest.fixture
def acting(tmp_path):
    """Make an interpreter that runs a program of the test's own in place of the child."""

    def make(program, **variables):
        script = tmp_path / "child.py"
        prelude = "import os, sys, time\norder = sys.stdin.readline()\ndef say(b): os.write(1, b)\n"
        script.write_text(prelude + textwrap.dedent(program))
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n')
        python.chmod(0o755)
        return Interpreter(python, variables)

    return make
