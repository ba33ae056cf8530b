#!/usr/bin/python3
"""A data source in Python: verify.py TOKEN prints the consent, or says why the token is refused (status 1).

Needs python3-jwt and python3-cryptography. A server keeps `keys` for all its requests. What this does not ask is whether the
consent has ended since the token was issued: see the claim `status` (docs/HTTP.md), or libsamtykke.
"""
import datetime
import json
import sys
import urllib.request

import jwt

ISSUER = "http://127.0.0.1:8080/"
SCOPE, GIVER = "ttd:inntekt", "urn:altinn:person:identifier-no:01025161013"
RESOURCE, METADATA = "ttd_inntektsopplysninger", {"inntektsaar": "2025"}


def claims_of(token):
    """Signature, issuer and times. The algorithm is the key's, whatever the token says."""
    with urllib.request.urlopen(ISSUER + ".well-known/oauth-authorization-server") as answer:
        metadata = json.load(answer)
    keys = jwt.PyJWKClient(metadata["jwks_uri"])
    key = next(k for k in keys.get_signing_keys() if k.key_id == jwt.get_unverified_header(token)["kid"])
    return jwt.decode(token, key.key, [key._jwk_data["alg"]], issuer=ISSUER,
                      options={"require": ["exp", "iss"], "verify_aud": False})


def covers(right):
    """Is it a right to that resource, with that metadata? Keys match in any letter case."""
    given = {key.lower(): value for key, value in right["metadata"].items()}
    return (any(r["type"] == "urn:altinn:resource" and r["value"] == RESOURCE for r in right["resource"])
            and all(given.get(key) == value for key, value in METADATA.items()))


def consent_of(claims):
    """The one consent of the token, from that person, to the organisation that asks, and not over."""
    [consent] = [d for d in claims["authorization_details"] if d["type"] == "urn:altinn:consent"]
    assert SCOPE in claims["scope"].split(), "another scope"
    assert consent["from"].lower() == GIVER, "another giver"
    assert consent["to"]["ID"] == claims["consumer"]["ID"], "another recipient"
    assert datetime.datetime.fromisoformat(consent["validTo"]) > datetime.datetime.now(datetime.timezone.utc), "over"
    assert any(covers(right) for right in consent["consentRights"]), "other data"
    return consent


try:
    print("ok: consent", consent_of(claims_of(sys.argv[1]))["id"])
except (AssertionError, KeyError, StopIteration, ValueError, OSError, jwt.PyJWTError) as refusal:
    sys.exit(f"refused: {refusal!r}")
