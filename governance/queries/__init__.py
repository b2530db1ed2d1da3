"""Reads: a module for each concept."""
