"""The proof of carrying: archives, backups and moves give back what went in, or refuse by name."""
