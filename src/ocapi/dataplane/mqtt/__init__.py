"""MQTT: a broker of our own for devices, and a client of the brokers an organization already has."""
