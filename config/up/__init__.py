"""`manage.py up`: everything a site needs, started, watched and stopped together. Standard library only."""

from config.up.run import main

__all__ = ["main"]
