"""LDES and TREE: a feed of immutable versions in pages, written here and followed here."""
