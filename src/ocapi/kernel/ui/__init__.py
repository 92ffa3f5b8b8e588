"""Design system: page shells for three audiences, tokens per tenant, accessible components and charts."""
