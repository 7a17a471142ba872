"""Driver effects: what promotions, prices and the market did, and what their calendar adds to a plan."""
