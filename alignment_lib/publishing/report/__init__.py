"""The leadership report: from a snapshot to one offline page."""
