"""What the plan needs: leads by source and stage, their quality and their handling."""
