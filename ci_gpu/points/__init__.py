"""The code under each point, one package for each framework. Only the measured child imports from below here."""
