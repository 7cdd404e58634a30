"""How Stripe is asked, whichever port it serves: its SDK over our own wire, its failures, and its fields."""
