"""What cases provides to extension points of lower layers."""
