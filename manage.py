#!/usr/bin/env python3
"""Set Flamekeeper up and run its commands: `up`, `test`, and everything of Django's manage.py.

Started by any bare Python it makes the project's own environment first; this file stays readable to old Pythons
so that they can be told which one is needed.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))


def main():
    """Refuse an old Python in one line, then set up and go on."""
    if sys.version_info < (3, 11):  # noqa: UP036  (reading this line is what older ones are here for)
        version = ".".join(str(part) for part in sys.version_info[:3])
        command = " ".join(sys.argv[1:]) or "up"
        sys.stderr.write("Flamekeeper needs Python 3.11 or newer and this is {}: ".format(version))  # noqa: UP032
        sys.stderr.write("start it with a newer one, such as `python3.12 manage.py {}`.\n".format(command))  # noqa: UP032
        return 2
    # An isolated start (python3 -I) leaves this folder out.
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from config.bootstrap import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
