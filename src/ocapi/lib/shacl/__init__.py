"""SHACL: shapes read from a graph, compiled once into fast checks over plain values."""
