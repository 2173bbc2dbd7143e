"""What the facilitator's page does, by concern; each function is given the services of whoever looks."""
