"""Documents, and the code that makes the generated ones."""
