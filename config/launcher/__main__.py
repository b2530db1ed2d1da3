"""The embedded services by hand: `python -m config.launcher start|stop|status`."""

import argparse
import os
import sys
from pathlib import Path

from config.launcher import LaunchError, Services

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Start, stop or show the services of the data folder."""
    reader = argparse.ArgumentParser(prog="python -m config.launcher", description=__doc__)
    reader.add_argument("command", choices=("start", "stop", "status"))
    reader.add_argument("--data", type=Path, default=os.environ.get("FLAMEKEEPER_DATA") or ROOT / ".flamekeeper")
    given = reader.parse_args()
    services = Services(Path(given.data))
    try:
        return {"start": start, "stop": stop, "status": status}[given.command](services)
    except LaunchError as error:
        print(f"Flamekeeper: {error}", file=sys.stderr)
        return 2


def tell(message: str) -> None:
    print(f"  ... {message}", file=sys.stderr, flush=True)


def start(services: Services) -> int:
    started = services.start(tell)
    print(f"started: {', '.join(started)}" if started else "already running")
    for name, value in services.environment().items():
        print(f"{name}={value}")
    return 0


def stop(services: Services) -> int:
    stopped = services.stop(tell)
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


def status(services: Services) -> int:
    for name, running in services.processes().items():
        print(f"{name}: process {running.pid}")
    print("running" if services.running() else "not running")
    return 0 if services.running() else 1


if __name__ == "__main__":
    sys.exit(main())
