"""The programs of a site and how each is started."""

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CELERY = (sys.executable, "-m", "celery", "-A", "config.celery")
# Workers of one machine need not gossip; saying hello to each other takes a second of each start.
QUIET = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")


@dataclass(frozen=True)
class Program:
    """One program: its name (which is also its log's), its command, and what it gets of ours."""

    name: str
    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    files: tuple[int, ...] = ()


def web(door: int) -> Program:
    """Return the web server, on a socket that `up` opened: nobody can take the port in between."""
    command = (
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{door}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"),
        # Loaded once, before the workers are forked: a start costs half.
        *("--preload", "--no-control-socket", "--access-logfile", "-", "--log-level", "info"),
    )
    return Program("web", command, (("FLAMEKEEPER_POOL", "1"),), (door,))


def default_worker() -> Program:
    """Return the worker of the queue `default`: two tasks at a time, so that an install does not hold up the rest."""
    return Program("worker-default", (*CELERY, "worker", "-Q", "default", "-n", "default@%h", "-c", "2", *QUIET))


def device_worker(queue: str) -> Program:
    """Return the worker of one device: one task at a time, none fetched ahead, in its own process (solo)."""
    options = ("-Q", queue, "-n", f"{queue}@%h", "-c", "1", "--pool", "solo", "--prefetch-multiplier", "1")
    return Program(f"worker-{queue}", (*CELERY, "worker", *options, *QUIET))


def beat() -> Program:
    """Return the schedule's clock."""
    scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
    return Program("beat", (*CELERY, "beat", "--scheduler", scheduler, "--pidfile=", "--loglevel", "INFO"))


def command(*words: str) -> tuple[str, ...]:
    """Return the command line of one of the site's own commands."""
    return (sys.executable, str(ROOT / "manage.py"), *words)
