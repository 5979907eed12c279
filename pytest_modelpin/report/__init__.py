"""One Run or Comparison in, text out."""
