"""Words and forms of exports: months, currencies, stages, headings, dates and figures in any language."""
