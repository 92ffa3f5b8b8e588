"""The one decision function: may this actor do this operation on this resource? Deny by default."""
