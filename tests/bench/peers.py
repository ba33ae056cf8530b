"""Two other issuers under the same load: a token that names its client, RS256, for an assertion that the client has signed (private_key_jwt).

The issuers have the same ten thousand clients. PEER_CLIENTS of them are asked in turn, all once before anything counts.
"""
import json, os, shutil, sqlite3, statistics, subprocess, sys, time, urllib.request

from common import CONNECTIONS, QUICK, ROOT, free_port, tool, work
from issuer import make, public

PEER_CLIENTS = 200 if QUICK else 1000
ROUNDS = 2 if QUICK else 3
SCOPE = "bench"


class Peer:
    """A process that answers at `issuer`; `path` is where it gives tokens."""

    def start(self, *command):
        self.p = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=open(os.path.join(work, self.name + ".err"), "w"))
        for _ in range(300):
            try:
                urllib.request.urlopen(self.issuer + "/.well-known/openid-configuration").read()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit(f"{self.name} did not start")

    def load(self, w, lines, warmup):
        path = make("credentials", w.keys, self.audience, SCOPE, self.path, lines=lines)
        return tool("bench_load", self.port, CONNECTIONS, self.p.pid, warmup, path)

    def stop(self):
        self.p.terminate()
        self.p.wait()


class OidcProvider(Peer):
    """The npm package, in one node process, as in its documentation: what it keeps, it keeps in memory."""

    name = "oidc_provider"
    tokens = 1000 if QUICK else 4000

    def __init__(self, w, pairs):
        self.port = free_port()
        self.issuer = self.audience = f"http://127.0.0.1:{self.port}"
        self.path = "/token"
        clients, key = os.path.join(work, "peer-clients.json"), os.path.join(work, "peer-key.json")
        json.dump([{"client_id": c, "jwks": {"keys": [public(pairs[k])]}} for c, k, _ in w.clients.values()], open(clients, "w"))
        json.dump(pairs[0], open(key, "w"))
        self.start("node", os.path.join(ROOT, "tests/bench/peer_oidc.mjs"), self.port, clients, key)

    @staticmethod
    def missing():
        if not shutil.which("node") or not os.path.isdir(os.path.join(ROOT, "tests/node_modules/oidc-provider")):
            return "node or the npm package oidc-provider is not there"


class Glewlwyd(Peer):
    """Debian's package: its OpenID Connect plugin, SQLite. It keeps every token and every used assertion."""

    name = "glewlwyd"
    tokens = 100 if QUICK else 300  # one takes so long that more would outlive their assertions
    SCHEMA = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"

    def __init__(self, w, pairs):
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}/api/oidc"
        self.audience, self.path = self.issuer + "/token", "/api/oidc/token"
        self.db = os.path.join(work, "glewlwyd.db")
        self.fill(w, pairs)
        conf = os.path.join(work, "glewlwyd.conf")
        with open(conf, "w") as f:
            f.write(f"""port={self.port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{self.port}"
api_prefix="api"
log_mode="file"
log_level="ERROR"
log_file="{work}/glewlwyd.log"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = {{ type = "sqlite3" path = "{self.db}" }};
""")
        self.start("glewlwyd", "-c", conf)

    def fill(self, w, pairs):
        db = sqlite3.connect(self.db)
        db.executescript(subprocess.run(["zcat", self.SCHEMA], check=True, stdout=subprocess.PIPE, text=True).stdout)
        db.execute("INSERT INTO g_plugin_module_instance (gpmi_module, gpmi_name, gpmi_parameters) VALUES ('oidc', 'oidc', ?)",
                   (json.dumps(self.plugin()),))
        db.execute("INSERT INTO g_scope (gs_name, gs_password_required) VALUES (?, 0)", (SCOPE,))
        db.execute("INSERT INTO g_client_scope (gcs_id, gcs_name) VALUES (1, ?)", (SCOPE,))
        for i, (client, key, _) in enumerate(w.clients.values(), 1):
            db.execute("INSERT INTO g_client (gc_id, gc_client_id, gc_confidential) VALUES (?, ?, 1)", (i, client))
            db.execute("INSERT INTO g_client_scope_client (gc_id, gcs_id) VALUES (?, 1)", (i,))
            db.executemany("INSERT INTO g_client_property (gc_id, gcp_name, gcp_value) VALUES (?, ?, ?)",
                           [(i, "authorization_type", "client_credentials"), (i, "token_endpoint_auth_method", "private_key_jwt"),
                            (i, "jwks", json.dumps({"keys": [public(pairs[key])]}))])
        db.commit()
        db.close()

    def plugin(self):
        pem = subprocess.run(["openssl", "genrsa", "2048"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        pub = subprocess.run(["openssl", "rsa", "-pubout"], check=True, input=pem, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True).stdout
        off = ("code", "token", "none", "password", "device", "refresh")
        return {"iss": self.issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": pem, "cert": pub, "access-token-duration": 120,
                "refresh-token-duration": 1209600, "code-duration": 600, "refresh-token-rolling": False, "allow-non-oidc": True,
                "auth-type-client-enabled": True, "auth-type-id-token-enabled": True,
                **{f"auth-type-{t}-enabled": False for t in off}, "request-parameter-allow": True, "request-maximum-exp": 3600,
                "client-jwks-parameter": "jwks", "client-pubkey-parameter": "", "client-jwks_uri-parameter": "", "subject-type": "public"}

    @staticmethod
    def missing():
        if not shutil.which("glewlwyd") or not os.path.exists(Glewlwyd.SCHEMA):
            return "the Debian package glewlwyd, or the schema in its documentation, is not there"


def bench_peers(w, results):
    """In turn with ours: tokens without a consent, of clients in turn."""
    pairs = json.load(open(w.keys))["keys"]
    peers, lines = [], w.plain(PEER_CLIENTS, "rs256")
    for kind in (Glewlwyd, OidcProvider):
        if kind.missing():
            print(f"{kind.name}: {kind.missing()}: not measured", file=sys.stderr)
        else:
            peers.append(kind(w, pairs))
    cpu, rates, ours = {p.name: [] for p in peers}, {p.name: [] for p in peers}, []
    try:
        for p in peers:
            p.load(w, lines[:p.tokens], 0)
        for _ in range(ROUNDS):
            ours.append(w.load(lines * 5, len(lines))["cpu_us"])
            for p in peers:
                r = p.load(w, (lines * (p.tokens // len(lines) + 1))[:p.tokens], p.tokens // 10)
                cpu[p.name].append(r["cpu_us"])
                rates[p.name].append(r["per_second"])
    finally:
        for p in peers:
            p.stop()
    results["token_plain_cpu_us"] = statistics.median(ours)
    for p in peers:
        results[f"peer_{p.name}_cpu_us"] = statistics.median(cpu[p.name])
        results[f"peer_{p.name}_per_second"] = statistics.median(rates[p.name])
        results[f"peer_{p.name}_ratio"] = statistics.median(c / o for c, o in zip(cpu[p.name], ours))
