"""Small BPMN files for tests."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def definitions(body: str) -> bytes:
    """Give a file with what is inside its definitions."""
    return (
        f'<definitions xmlns="{BPMN}" xmlns:o="urn:ocapi:bpmn" targetNamespace="urn:test">{body}'
        "</definitions>"
    ).encode()


def process(body: str, *, shared: str = "", key: str = "p") -> bytes:
    """Give a file with one executable process."""
    return definitions(f'<process id="{key}" isExecutable="true">{body}</process>{shared}')
