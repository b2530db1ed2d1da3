"""`manage.py test`: pytest with a data folder, a database and a broker of its own."""

from config.testing.run import main

__all__ = ["main"]
