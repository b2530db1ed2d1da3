"""Measure a framework's builds: the suite, the timers, the supervisor. Standard library only; see README.md."""
