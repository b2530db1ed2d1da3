"""Unpack one wheel with pip and compile its modules, in the interpreter that will import them. Run by path.

python -I tethered.py PARENT_PID PIP_PATH unpack.py PREFIX FOLDER_OF_WHEELS REQUIREMENT
"""

import compileall
import os
import py_compile
import runpy
import sys

# A pool of compilers costs half a second to start; torch has 2,400 modules, most wheels fewer than a hundred.
MODULES_WORTH_A_POOL = 400


def install(prefix: str, wheels: str, requirement: str) -> None:
    """Let pip unpack a wheel that lies in a folder; end with pip's status where it fails."""
    sys.argv = ["pip", "--isolated", "install", "--no-index", "--find-links", wheels, "--no-deps", "--no-compile"]
    # Ignored: what lies beside pip itself, which is not ours.
    sys.argv += ["--ignore-installed", "--no-warn-script-location", "--prefix", prefix, requirement]
    try:
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise


def compile_modules(prefix: str) -> None:
    """Compile every module once; files that are templates rather than Python fail here, as with pip, and stay."""
    modules = sum(name.endswith(".py") for _, _, names in os.walk(prefix) for name in names)
    compileall.compile_dir(
        os.path.join(prefix, "lib"),
        quiet=2,
        # The compiled file never asks the clock: a copy with other times, or a link, is as good.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        stripdir=prefix,
        workers=0 if modules > MODULES_WORTH_A_POOL else 1,
    )


if __name__ == "__main__":
    where, *what = sys.argv[1:]
    install(where, *what)
    compile_modules(where)
