"""Small tools without domain words. Nothing here knows what an order is."""
