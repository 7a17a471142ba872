"""What history says: cleaned history, baseline with joint error, driver effects, launches."""
