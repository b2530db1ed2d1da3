"""Read a charter and apply it: pure, no database."""
