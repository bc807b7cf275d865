"""Pages of sign-offs, and of the trail."""
