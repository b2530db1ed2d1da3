"""Run a script or module that ends when its parent ends, however that ends. Started by path, in any interpreter.

python -I tethered.py PARENT_PID EXTRA_PATH MODULE_OR_SCRIPT [ARGUMENT...]
"""

import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies; elsewhere than on Linux do without."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, OSError, AttributeError):
        return
    # The parent may have died before the kernel was asked.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Take the arguments off the command line and become what they name."""
    parent, extra_path, target, *arguments = sys.argv[1:]
    tie_to(int(parent))
    if extra_path:
        sys.path.insert(0, extra_path)
    sys.argv = [target, *arguments]
    if target.endswith(".py"):
        runpy.run_path(target, run_name="__main__")
    else:
        runpy.run_module(target, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
