"""How one answer differs from another, in named kinds."""
