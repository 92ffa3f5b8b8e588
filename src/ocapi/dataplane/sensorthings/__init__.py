"""OGC SensorThings API 1.1 (18-088) in the data plane, upon the entities and readings of `context`.

A Thing, Datastream and so on is an entity; an Observation is a reading of its Datastream, known by the
stream and its phenomenon time, so that one sent twice is one. What a stream measured last is its present
state.
"""
