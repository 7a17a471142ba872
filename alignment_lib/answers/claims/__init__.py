"""Questions about claims: what is assumed, what the past says of it, and what drivers do."""
