"""Use cases, command line and widgets: thin shells over the layers below."""
