"""Pages and documents of data services: objects, features on a map, and questions."""
