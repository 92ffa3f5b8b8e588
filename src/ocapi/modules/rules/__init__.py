"""Rules: decision tables and expressions (DMN, FEEL), and why an answer is what it is."""
