"""MQTT 3.1.1 and 5 (OASIS): packets as bytes and topics, for both ends of a connection; no I/O."""
