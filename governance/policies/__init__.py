"""Who may do what, each rule once in a raising and a boolean form: a module for each concept."""
