"""The files that ballots are published in."""
