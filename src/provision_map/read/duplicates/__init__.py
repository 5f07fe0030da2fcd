"""Services that may be one and the same, and what people decided of them."""
