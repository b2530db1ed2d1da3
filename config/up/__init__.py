"""`manage.py up`: everything, until Ctrl-C."""
