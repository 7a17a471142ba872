"""What a plan that follows changes shows at once: its charts, its first line, scenarios side by side."""
