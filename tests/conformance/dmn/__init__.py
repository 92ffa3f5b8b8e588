"""DMN Technology Compatibility Kit: `python -m tests.conformance.dmn FOLDER`."""
