"""What handlers take as parameters: who asks, which page, how a write is kept."""
