"""Hand-over of the installation's signing key. Not covered: what the data plane then accepts (test_gate)."""

import dataclasses

from cryptography.hazmat.primitives.asymmetric import ec

from ocapi.lib import durable, successors

FIRST, SECOND, THIRD, STRANGER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(4))


def coordinates(key):
    import base64

    numbers = key.public_key().public_numbers()
    return {
        name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
        for name, value in (("x", numbers.x), ("y", numbers.y))
    }


def handed(kid, key, by, signer):
    return successors.signed(kid=kid, **coordinates(key), by=by, key=signer)


class TestFollowing:
    def test_believes_a_key_that_a_believed_one_signed_for_and_so_on(self, tmp_path):
        successors.write(tmp_path, [handed("k2", SECOND, "k1", FIRST), handed("k3", THIRD, "k2", SECOND)])
        found = successors.follow(tmp_path, {"k1": FIRST.public_key()})
        assert list(found) == ["k1", "k2", "k3"]
        assert found["k3"].public_numbers() == THIRD.public_key().public_numbers()

    def test_believes_nobody_that_a_stranger_signed_for(self, tmp_path):
        successors.write(tmp_path, [handed("k2", SECOND, "k1", STRANGER)])
        assert list(successors.follow(tmp_path, {"k1": FIRST.public_key()})) == ["k1"]

    def test_believes_no_other_key_under_a_signature(self, tmp_path):
        true = handed("k2", SECOND, "k1", FIRST)
        successors.write(tmp_path, [dataclasses.replace(true, **coordinates(STRANGER))])
        assert list(successors.follow(tmp_path, {"k1": FIRST.public_key()})) == ["k1"]

    def test_stays_with_what_it_has_when_the_file_is_damaged(self, tmp_path):
        durable.write_file(tmp_path / successors.NAME, b"half a fi")
        assert list(successors.follow(tmp_path, {"k1": FIRST.public_key()})) == ["k1"]


class TestWriting:
    def test_writes_nothing_where_nothing_was_handed_over(self, tmp_path):
        successors.write(tmp_path, [])
        assert list(tmp_path.iterdir()) == []
