"""Questions about closed rounds: what came of them, of each step, of each claim, and what they pay."""
