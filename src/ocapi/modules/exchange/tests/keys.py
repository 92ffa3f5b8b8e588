"""Keys and assertions as an application makes them, for the tests of exchange."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class KeyPair:
    """A P-256 pair that writes its public half as JWK and signs JWTs, also wrong ones."""

    def __init__(self, kid="k1"):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.kid = kid

    @property
    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        x, y = (text(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid}

    @property
    def private_jwk(self):
        return {**self.jwk, "d": text(self.private.private_numbers().private_value.to_bytes(32, "big"))}

    def signed(self, claims, **header):
        message = f"{encoded({'alg': 'ES256', 'kid': self.kid, **header})}.{encoded(claims)}"
        r, s = decode_dss_signature(self.private.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{message}.{text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def signed_with_public_key_as_secret(self, claims):
        secret = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        message = f"{encoded({'alg': 'HS256', 'kid': self.kid})}.{encoded(claims)}"
        return f"{message}.{text(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"

    def unsigned(self, claims):
        return f"{encoded({'alg': 'none'})}.{encoded(claims)}."


def encoded(value):
    return text(json.dumps(value).encode())
