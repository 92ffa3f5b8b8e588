"""What rules provides to extension points of lower layers."""
