"""The words an analyst calls: a round, its scenarios and its answers, each with a card of its own."""
