"""NGSI-LD in the data plane (ETSI GS CIM 009, as V1.8): entities, their state and history, subscriptions.

Each change is one record of the organization's `capture/log`, durable before it is answered, shown or told to
anybody. What entities are now stands in memory and is made anew from a saved state and the tail of the log.
Registration of context sources and distributed operations are not offered.
"""
