"""Count ballots: pure functions, no database."""
