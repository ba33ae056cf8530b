#!/usr/bin/python3
"""What the public Maskinporten clients send, sent by Python: python3-jwt signs, urllib posts. SAMTYKKE_BIN is the path of the program."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

BANK, MINISTRY = "810419512", "991825827"
SCOPE = "fiktiv:plain"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HERE = os.path.dirname(os.path.abspath(__file__))

# name: header, exp - iat, claims, how the form is made, what comes of it ("" or the error and its text)
ROWS = [
    # danielskovli: alg, kid and typ; 120 s; jti; issuer verbatim; no resource
    ("danielskovli key", {"typ": "JWT"}, 120, {"jti": "uuid"}, "form", ""),
    ("danielskovli certificate, leaf alone", {"typ": "JWT", "x5c": "leaf"}, 120, {"jti": "uuid"}, "form", ""),
    # samuelberntzen: alg and kid; 10 s; always consumer_org
    ("samuelberntzen, a customer's consumer_org", {}, 10, {"jti": "uuid", "consumer_org": MINISTRY}, "accept", ""),
    ("samuelberntzen, consumer_org of its own", {}, 10, {"jti": "uuid", "consumer_org": BANK}, "accept",
     "invalid_request: Validation of JWT claim failed: The combination consumer_org in claim"),
    # smartbank, Altinn's own tests: typ, 10 s and 60 s, consent without a match
    ("smartbank consent", {"typ": "JWT"}, 10, {"jti": "uuid", "authorization_details": "consent"}, "form",
     "invalid_authorization_details: Invalid authorization details values, consent"),
    ("Altinn's k6 client: one form field more", {"typ": "JWT"}, 60, {"jti": "uuid"}, "alg", ""),
    ("Altinn's browser tests: aud is the token endpoint", {"typ": "JWT"}, 60, {"jti": "uuid", "aud": "token"}, "form", ""),
    ("a life of 121 s", {}, 121, {"jti": "uuid"}, "form", "invalid_request: Invalid assertion. Invalid parameter value"),
    ("the typo consumer_orgno", {}, 60, {"consumer_orgno": MINISTRY}, "form", "invalid_request: Invalid assertion"),
]


class Sandbox:
    def __init__(self, folder):
        subprocess.run(["bash", os.path.join(HERE, "../data/certs/make.sh"), folder], check=True)
        words = [os.environ["SAMTYKKE_BIN"], "sandbox", "--port", "0", "--set", f"cert.roots={folder}/root.pem",
                 "--set", f"cert.intermediates={folder}/between.pem"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with open(f"{folder}/seid1.key", "rb") as f:
            self.cert_key = load_pem_private_key(f.read(), None)
        with open(f"{folder}/seid1.pem", encoding="ascii") as f:
            self.leaf = "".join(line.strip() for line in f if "-----" not in line)
        self.client, self.by_cert = str(uuid.uuid4()), str(uuid.uuid4())
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        public = {k: v for k, v in public.items() if k != "key_ops"} | {"kid": "python", "use": "sig", "alg": "RS256"}
        client = {"clientId": self.client, "orgno": BANK, "name": "python", "scopes": [SCOPE], "jwks": {"keys": [public]}}
        self.post("/sandbox/apply", json.dumps({
            "scopes": [{"scope": SCOPE, "owner": MINISTRY, "description": "x", "accessibleForAll": True,
                        "delegationSource": "https://tt02.altinn.no/", "grants": []}],
            "clients": [client, {"clientId": self.by_cert, "orgno": BANK, "name": "certificate", "scopes": [SCOPE]}],
            "delegations": [{"consumer": MINISTRY, "supplier": BANK, "scopes": [SCOPE]}]}), {"Content-Type": "application/json"})

    def post(self, path, body, headers=None):
        request = urllib.request.Request(self.url + path, body.encode(), headers or {}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


def grant_of(sandbox, header, life, more):
    header, now = dict(header), int(time.time())
    cert = header.get("x5c") == "leaf"
    claims = {"aud": sandbox.url + "/", "scope": SCOPE, "iss": sandbox.by_cert if cert else sandbox.client,
              "exp": now + life, "iat": now} | more
    if more.get("jti") == "uuid":
        claims["jti"] = str(uuid.uuid4())
    if more.get("aud") == "token":
        claims["aud"] = sandbox.url + "/token"
    if more.get("authorization_details") == "consent":
        claims["authorization_details"] = [{"from": "urn:altinn:person:identifier-no:01025161013", "id": str(uuid.uuid4()),
                                            "type": "urn:altinn:consent"}]
    if cert:
        header["x5c"] = [sandbox.leaf]
    else:
        header["kid"] = "python"
    header.setdefault("typ", None)  # python3-jwt writes typ JWT unless it is taken away
    return jwt.encode(claims, sandbox.cert_key if cert else sandbox.key, algorithm="RS256", headers=header)


def send(sandbox, grant, form):
    fields = {"grant_type": GRANT, "assertion": grant} | ({"alg": "RS256"} if form == "alg" else {})
    headers = {"Accept": "*/*"} if form == "accept" else {}
    return sandbox.post("/token", urllib.parse.urlencode(fields), headers)


def parse(answer):
    """As danielskovli does: .json() whatever the status; then as samuelberntzen: access_token, or a KeyError."""
    return json.loads(answer)


def check(sandbox, row):
    _, header, life, more, form, want = row
    grant = grant_of(sandbox, header, life, more)
    sent = json.loads(base64.urlsafe_b64decode(grant.split(".")[0] + "=="))
    assert ("typ" in sent) == (header.get("typ") == "JWT"), sent
    status, text = send(sandbox, grant, form)
    answer = parse(text)
    if not want:
        assert status == 200, text
        assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}, text
        assert isinstance(answer["expires_in"], int) and answer["token_type"] == "Bearer" and answer["scope"] == SCOPE, text
        keys = jwt.PyJWKClient(sandbox.url + "/jwk")
        claims = jwt.decode(answer["access_token"], keys.get_signing_key_from_jwt(answer["access_token"]).key, ["RS256"],
                            issuer=sandbox.url + "/", leeway=2)
        assert claims["consumer"]["ID"] == "0192:" + more.get("consumer_org", BANK), claims
        return
    error, described = want.split(": ", 1)
    assert status == 400 and answer["error"] == error and answer["error_description"].startswith(described), text


def unavailable_answers_are_json(sandbox):
    for path, body, headers in (("/token?" + "x" * 5000, "", {}), ("/token", "x" * 70000, {}),
                                ("/token", "{}", {"Content-Type": "application/json"}), ("/token", "", {"X-A": "x" * 9000})):
        status, text = sandbox.post(path, body, headers)
        assert status in (400, 413, 414, 431), text
        assert set(parse(text)) >= {"error", "error_description"}, text


def main():
    failed, number = 0, 0
    print(f"TAP version 13\n1..{len(ROWS) + 1}")
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(folder)
        cases = [(row[0], lambda row=row: check(sandbox, row)) for row in ROWS]
        cases.append(("what the server refuses is JSON with an error", lambda: unavailable_answers_are_json(sandbox)))
        for number, (name, case) in enumerate(cases, 1):
            try:
                case()
                print(f"ok {number} - {name}")
            except Exception as error:  # a case that breaks is a case that fails
                failed += 1
                print(f"not ok {number} - {name}\n# {type(error).__name__}: {error}")
        failed += sandbox.stop() != 0
    return 1 if failed else 0


sys.exit(main())
