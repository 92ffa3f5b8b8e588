"""Cases: what people ask of the organization, from receipt to decision, with terms and history."""
