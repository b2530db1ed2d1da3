"""Bundles: exact sets of wheels in content-addressed environments, and the variables they are measured with.

Nothing is imported from Django here; docs/explanation/bundles.md tells how the parts work together.
"""
