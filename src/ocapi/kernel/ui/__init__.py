"""Design system: page shells for three audiences, design tokens per tenant, accessible components and charts."""
