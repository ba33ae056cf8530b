#!/usr/bin/python3
"""The jose layer against python3-jwt, both ways. JOSE_HELPER is the path of jose_interop."""
import base64
import json
import os
import subprocess
import sys

import jwt
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

FAMILY = {"RS256": RSAAlgorithm, "RS384": RSAAlgorithm, "RS512": RSAAlgorithm, "PS256": RSAAlgorithm,
          "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
CLAIMS = {"iss": "https://issuer.test/", "sub": "bjørn", "aud": ["a", "b"], "n": [1, 2.5, None, True], "scope": "x y"}


class Helper:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def ok(self, *words):
        status, _, rest = self.ask(*words).partition(" ")
        assert status == "ok", f"{words[0]}: {status}"
        return rest

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def other_alg(alg):
    return "ES256" if alg != "ES256" else "EdDSA"


def ours_is_read_by_them(helper, alg):
    private = helper.ok("generate", alg)
    public = helper.ok("public", private)
    token = helper.ok("sign", alg, private, compact(CLAIMS))
    key = FAMILY[alg].from_jwk(public)
    assert jwt.decode(token, key, algorithms=[alg], options={"verify_aud": False}) == CLAIMS
    header = jwt.get_unverified_header(token)
    assert header == {"alg": alg, "kid": json.loads(public)["kid"], "typ": "JWT"}
    head, body, sig = token.split(".")
    for forged in (f"{head}.{body[:-4]}AAAA.{sig}", f"{head}.{body}.{'A' * len(sig)}"):
        try:
            jwt.decode(forged, key, algorithms=[alg], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            continue
        raise AssertionError("a forged token was accepted")


def theirs_is_read_by_us(helper, alg):
    private = helper.ok("generate", alg)
    public = helper.ok("public", private)
    key = FAMILY[alg].from_jwk(private)
    token = jwt.encode(CLAIMS, key, algorithm=alg, headers={"kid": json.loads(public)["kid"]})
    assert json.loads(helper.ok("verify", public, token)) == CLAIMS
    head, body, sig = token.split(".")
    assert helper.ask("verify", public, f"{head}.{body}.{'A' * len(sig)}") == "denied"
    assert helper.ask("verify", helper.ok("public", helper.ok("generate", alg)), token) == "denied"
    assert helper.ask("verify", helper.ok("public", helper.ok("generate", other_alg(alg))), token) == "denied"


def their_keys_are_read_by_us(helper, alg):
    """Through their own writer of JWKs, which names neither kid nor use."""
    private = FAMILY[alg].from_jwk(helper.ok("generate", alg))
    jwk = FAMILY[alg].to_jwk(private)
    members = {k: v for k, v in (jwk if isinstance(jwk, dict) else json.loads(jwk)).items() if k != "key_ops"}
    if alg == "PS256":
        members["alg"] = alg
    token = helper.ok("sign", alg, compact(members), compact(CLAIMS))
    assert jwt.decode(token, private.public_key(), algorithms=[alg], options={"verify_aud": False}) == CLAIMS


def hmac_and_none_are_denied(helper, _):
    public = helper.ok("public", helper.ok("generate", "RS256"))
    key = base64.b64decode(b"c2VjcmV0")
    for token in (jwt.encode(CLAIMS, key, algorithm="HS256"), jwt.encode(CLAIMS, None, algorithm="none")):
        assert helper.ask("verify", public, token) == "denied"


# This version of python3-jwt has no writer for EC keys.
CASES = [(f, alg) for alg in FAMILY for f in (ours_is_read_by_them, theirs_is_read_by_us)]
CASES += [(their_keys_are_read_by_us, alg) for alg in ("RS256", "RS512", "PS256", "EdDSA")]
CASES += [(hmac_and_none_are_denied, "all")]


def main():
    helper = Helper(os.environ["JOSE_HELPER"])
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    for number, (case, alg) in enumerate(CASES, 1):
        name = f"{case.__name__.replace('_', ' ')}: {alg}"
        try:
            case(helper, alg)
            print(f"ok {number} - {name}")
        except Exception as error:  # a case that breaks is a case that fails
            failed += 1
            print(f"not ok {number} - {name}\n# {type(error).__name__}: {error}")
    if helper.close() != 0:
        failed += 1
        print("# the helper did not end well")
    return 1 if failed else 0


sys.exit(main())
