"""What joins modules on a screen: shells filled, requests dressed, errors shown, search and start pages."""
