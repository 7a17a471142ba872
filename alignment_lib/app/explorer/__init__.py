"""The scenario explorer: state, recomputation, pictures and the widget, each in a module of its own."""
