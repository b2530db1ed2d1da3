"""Start the harness from the command line."""

from ci_gpu.commands import main

raise SystemExit(main())
