"""The demonstration organization: a maker of pumps, invented, seeded, with gaps to find."""
