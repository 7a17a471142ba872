"""What the charts are drawn with: a paper, its lettering, and matplotlib behind both."""
