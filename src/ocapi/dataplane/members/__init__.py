"""This process as one of several members: what it holds, what it hands on, what it tells the others."""
