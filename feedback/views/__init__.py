"""Pages of customer feedback besides its registers'."""
