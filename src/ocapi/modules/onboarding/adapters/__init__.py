"""What onboarding fills at extension points."""
