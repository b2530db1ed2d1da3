"""Why a bundle cannot be had, in one line with its remedy."""


class BundleError(Exception):
    """A bundle that cannot be installed or used; its text is one line, fit for a public page."""


class NotInstalled(BundleError, LookupError):
    """The bundle is not on this machine, or no longer whole: it must be installed before it is used."""


class Busy(BundleError):
    """Somebody else is installing at this moment."""
