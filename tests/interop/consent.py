#!/usr/bin/python3
"""Consent tokens made by python3-jwt before `samtykke token verify`. SAMTYKKE_BIN is the path of the program."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://issuer.test/"
ORG = {"authority": "iso6523-actorid-upis", "ID": "0192:991825827"}
KID = "python"


def claims():
    now = int(time.time())
    return {
        "authorization_details": [{
            "type": "urn:altinn:consent", "id": "0195a7c2-9d10-7c44-8a51-3f2b7d6e9a01",
            "from": "urn:altinn:person:identifier-no:01025161013", "to": ORG,
            "consented": "2026-04-01T11:00:40.123456+00:00",
            "validTo": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(now + 86400)),
            "consentRights": [{"action": ["consent"], "metadata": {"inntektsaar": "2025"},
                               "resource": [{"type": "urn:altinn:resource", "value": "ttd-inntekt"}]}]}],
        "scope": "ttd:inntekt", "iss": ISSUER, "client_amr": "private_key_jwt", "token_type": "Bearer",
        "exp": now + 120, "iat": now - 1, "client_id": "c1", "jti": "q0mXkE2l", "consumer": ORG}


class Issuer:
    def __init__(self, folder):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        public = {k: v for k, v in public.items() if k != "key_ops"} | {"kid": KID, "use": "sig", "alg": "RS256"}
        self.jwks = os.path.join(folder, "jwks.json")
        with open(self.jwks, "w", encoding="utf-8") as f:
            json.dump({"keys": [public]}, f)

    def sign(self, payload):
        return jwt.encode(payload, self.key, algorithm="RS256", headers={"kid": KID})

    def verify(self, token):
        """None when it is good, else what the program says."""
        words = [os.environ["SAMTYKKE_BIN"], "token", "verify", "--jwks", self.jwks, "--issuer", ISSUER, "--scope",
                 "ttd:inntekt", "--resource", "ttd-inntekt", "--from", "01025161013", "--metadata", "Inntektsaar=2025"]
        done = subprocess.run(words, input=token, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.stderr if done.returncode else None


def refused(issuer, token, reason):
    said = issuer.verify(token)
    assert said is not None and reason in said, said or "accepted"


def a_consent_token_is_accepted(issuer):
    said = issuer.verify(issuer.sign(claims()))
    assert said is None, said


def a_changed_one_is_refused(issuer):
    head, _, sig = issuer.sign(claims()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims() | {"scope": "ttd:inntekt x"}).encode()).decode().rstrip("=")
    refused(issuer, f"{head}.{body}.{sig}", "bad-signature")


def another_signature_is_refused(issuer):
    head, body, sig = issuer.sign(claims()).split(".")
    refused(issuer, f"{head}.{body}.{'A' * len(sig)}", "bad-signature")


def another_issuer_is_refused(issuer):
    refused(issuer, issuer.sign(claims() | {"iss": "https://stranger.test/"}), "wrong-issuer")


def another_consumer_is_refused(issuer):
    refused(issuer, issuer.sign(claims() | {"consumer": ORG | {"ID": "0192:974760673"}}), "wrong-recipient")


def an_old_one_is_refused(issuer):
    refused(issuer, issuer.sign(claims() | {"exp": int(time.time())}), "expired")


def hmac_and_none_are_refused(issuer):
    refused(issuer, jwt.encode(claims(), "secret", algorithm="HS256", headers={"kid": KID}), "bad-algorithm")
    refused(issuer, jwt.encode(claims(), None, algorithm="none"), "bad-algorithm")


CASES = (a_consent_token_is_accepted, a_changed_one_is_refused, another_signature_is_refused,
         another_issuer_is_refused, another_consumer_is_refused, an_old_one_is_refused, hmac_and_none_are_refused)


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    with tempfile.TemporaryDirectory() as folder:
        issuer = Issuer(folder)
        for number, case in enumerate(CASES, 1):
            name = case.__name__.replace("_", " ")
            try:
                case(issuer)
                print(f"ok {number} - {name}")
            except Exception as error:  # a case that breaks is a case that fails
                failed += 1
                print(f"not ok {number} - {name}\n# {type(error).__name__}: {error}")
    return 1 if failed else 0


sys.exit(main())
