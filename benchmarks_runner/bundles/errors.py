"""Why a bundle cannot be had, in one line with its remedy."""


class BundleError(Exception):
    """A bundle that cannot be installed or used; its text is one line, fit for a public page."""
