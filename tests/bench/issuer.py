"""The issuer's speed in a large world: 10,000 clients, each with a key, and 100,000 consents that were accepted."""
import json, os, random, sqlite3, statistics, subprocess, sys, time, urllib.request, uuid

from common import BENCH, BIN, CONNECTIONS, QUICK, ROOT, Server, batch_size, load, loop_cpu_us, tool, work
from floor import nginx_bare, per_request
from steady import rounds

CLIENTS = 10_000
CONSENTS = 170_000  # three of five were accepted
KEYS = 8  # pairs that the clients share, since each costs more to make than a token; the server keeps one for each client
TOKENS = 1500 if QUICK else 5000
RUNS = 2 if QUICK else 5
SIMULATED = 300  # tokens whose instructions are counted: each takes fifty times as long
MAP_MB = 1024
ORG = "urn:altinn:organization:identifier-no:"
SCOPE = "bench:token"
ALGS = {"rs256": "RS256", "es256": "ES256", "eddsa": "EdDSA"}


def make(kind, *args, lines=None):
    """A file that bench_make writes."""
    path = os.path.join(work, kind)
    with open(path, "w") as f:
        r = subprocess.run([os.path.join(BENCH, "bench_make"), kind, *map(str, args)], input="".join(l + "\n" for l in lines or []),
                           stdout=f, text=True)
    if r.returncode:
        sys.exit(f"bench_make {kind} ended with {r.returncode}")
    return path


def public(key):
    return {k: key[k] for k in ("kty", "n", "e", "kid", "alg", "use") if k in key}


def keys():
    path = make("keys", KEYS, "RS256")
    return path, json.load(open(path))["keys"]


class World:
    """A filled store, a client for each organisation in it, and a server on that."""

    def __init__(self):
        self.store = os.path.join(work, "world.db")
        self.keys, pairs = keys()
        subprocess.run([BIN, "store", "migrate", "--sandbox", "--set", "store=sqlite:" + self.store], check=True)
        subprocess.run([os.path.join(BENCH, "bench_fill"), self.store, str(CONSENTS), str(CLIENTS)], check=True)
        self.random, self.algs = random.Random(1), list(ALGS)
        self.read()
        self.seed(pairs)
        self.start()

    def read(self):
        db = sqlite3.connect(self.store)
        orgs = [ident for (ident,) in db.execute("SELECT ident FROM party WHERE unit_type IS NOT NULL ORDER BY party_id")]
        rows = db.execute("SELECT id, from_urn, to_urn FROM consent WHERE status = 2").fetchall()
        db.close()
        self.clients = {}  # orgno → client id, number of its key, algorithm of its tokens
        for i, org in enumerate(orgs):
            client = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            self.clients[org] = (client, i % KEYS, self.algs[i // KEYS % len(self.algs)])
        self.consents = [(str(uuid.UUID(bytes=i)), giver, to.removeprefix(ORG)) for i, giver, to in rows]

    def seed(self, pairs):
        doc = json.load(open(os.path.join(ROOT, "seeds", "sandbox.json")))
        for r in doc["resources"]:
            r.pop("limits", None)  # the consents are up to a year old
        doc["scopes"].append({"scope": SCOPE, "owner": "991825827", "description": "Bench", "accessibleForAll": True})
        for org, (client, key, alg) in self.clients.items():
            doc["clients"].append({"clientId": client, "orgno": org, "name": "Bench " + org, "scopes": [SCOPE],
                                   "jwks": {"keys": [public(pairs[key])]}, **({} if alg == "rs256" else {"tokenAlg": ALGS[alg]})})
        self.doc = os.path.join(work, "world.json")
        json.dump(doc, open(self.doc, "w"))

    def start(self, under=()):
        # As docs/PERFORMANCE.md tells whoever has a store of this size: mapped as a whole.
        self.s = Server("--seed", self.doc, "--set", "store=sqlite:" + self.store, "--set", "token.rate=0", "--set", f"store.map_mb={MAP_MB}", under=under)

    def plain(self, n, alg=None):
        """So many lines of clients in turn, of all or of those whose tokens are signed so."""
        all_of = [c for c in self.clients.values() if alg in (None, c[2])]
        return ["%s %d" % all_of[i % len(all_of)][:2] for i in range(n)]

    def consent(self, alg, n):
        mine = [c for c in self.consents if self.clients[c[2]][2] == alg]
        return ["%s %d %s %s" % (*self.clients[to][:2], cid, giver) for cid, giver, to in self.random.sample(mine, n)]

    def grants(self, lines):
        return make("grants", self.keys, self.s.url + "/", SCOPE, lines=lines)

    def load(self, lines, warmup=500, rate=None):
        return load(self.s, self.grants(lines), warmup, *([rate] if rate else []))


def sign():
    return tool("bench_sign", 3 if QUICK else 5)


def rss_mb(pid):
    return int(next(l for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS:")).split()[1]) / 1024


def bench_world(w, results):
    """What ten thousand clients cost when the server starts again, and when one of them changes."""
    w.s.stop()
    w.start()
    results["clients_10000_ready_ms"] = w.s.ready_ms
    took, client = [], next(iter(w.clients.values()))[0]
    for i in range(5):
        body = json.dumps({"clients": [{"clientId": client, "name": f"Bench {i}"}]}).encode()
        t = time.monotonic()
        urllib.request.urlopen(urllib.request.Request(w.s.url + "/sandbox/apply", body, {"Content-Type": "application/json"})).read()
        took.append((time.monotonic() - t) * 1000)
    results["clients_10000_change_ms"] = statistics.median(took)
    w.load(w.plain(CLIENTS))  # each client's key is read when it is asked for the first time
    results["clients_10000_rss_mb"] = rss_mb(w.s.p.pid)


def rest_ratio(r, bare, loop_us):
    """What a token costs beside its cryptography, in twice the bare row and the bare answer."""
    return (r["cpu_us"] - bare["es256_us"] - bare["rs256_verify_us"]) / (2 * loop_us + 2 * bare["nginx"])


def bench_alg(w, alg, figures):
    """Rounds of consent tokens of one algorithm: what the load was, and the bare sides of the same minute."""
    names = [alg + "_us", "rs256_verify_us"]

    def tokens():
        before, r = w.s.batches(), w.load(w.consent(alg, TOKENS))
        return {**r, "batch": batch_size(before, w.s.batches())}

    def bare():
        us = sign()
        return {**{k: us[k] for k in names}, **nginx_bare()}

    return rounds(RUNS, figures, bare, tokens)


def bench_algs(w, results):
    """Consent tokens of every algorithm, and one bare signature of each, before and after, in the same minute."""
    names = {"rs256": "rsa2048_sign_cpu_us", "es256": "p256_sign_cpu_us", "eddsa": "ed25519_sign_cpu_us"}
    ratios = {"rs256": ["token_rs256_cpu_ratio"], "es256": ["token_es256_rest_ratio"], "eddsa": []}
    got = {alg: bench_alg(w, alg, ratios[alg]) for alg in w.algs}
    for alg, key in names.items():
        results[f"token_{alg}_cpu_us"] = statistics.median(r["cpu_us"] for r, _ in got[alg])
        results[key] = statistics.median(bare[alg + "_us"] for _, bare in got[alg])
        results[f"token_{alg}_sign_share"] = statistics.median(bare[alg + "_us"] / r["cpu_us"] for r, bare in got[alg])
    results["token_rs256_cpu_ratio"] = statistics.median(r["cpu_us"] / bare["rs256_us"] for r, bare in got["rs256"])
    loops = [loop_cpu_us(f"sqlite:{work}/token_loop{i}.db", TOKENS, r["batch"]) for i, (r, _) in enumerate(got["es256"])]
    results["token_es256_rest_ratio"] = statistics.median(rest_ratio(r, bare, us) for (r, bare), us in zip(got["es256"], loops))
    results["tokens_per_second"] = statistics.median(r["per_second"] for r, _ in got["rs256"])


def page_faults(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return int(fields[7]) + int(fields[9])  # minor and major ones: columns 10 and 12 of proc(5)


def instructions(w, lines):
    """Of one token, counted by callgrind once each client's key has been read."""
    out = os.path.join(work, "callgrind")
    w.s.stop()
    w.start(under=["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=" + out])
    w.load(lines, 0)
    path = w.grants(lines)
    for switch in ("on", "off"):
        subprocess.run(["callgrind_control", "-i", switch, str(w.s.p.pid)], check=True, stdout=subprocess.DEVNULL)
        if switch == "on":
            load(w.s, path, 0)
    w.s.stop()
    w.start()
    return int(next(l for l in open(out) if l.startswith("totals:")).split()[1]) / len(lines)


def bench_counts(w, results):
    """What no machine changes: system calls, page faults and instructions of a consent token by ES256."""
    results["token_syscalls"] = per_request(w.s, CONNECTIONS, TOKENS, lambda n: w.grants(w.consent("es256", n)))
    path, before = w.grants(w.consent("es256", TOKENS)), page_faults(w.s.p.pid)
    load(w.s, path, 0)
    results["token_faults"] = (page_faults(w.s.p.pid) - before) / TOKENS
    results["token_instructions"] = instructions(w, w.consent("es256", SIMULATED))


def bench_p99(w, results):
    """At a constant rate: a token that was due while the server was busy with others has waited.

    The ratio is to the mean latency at that rate. What others take of the processors shows as time in which a bare signature waits.
    """
    rate = 0.7 * results["tokens_per_second"]
    n = min(int(10 * rate), 20_000)  # assertions are fresh for two minutes
    got = [r for r, _ in rounds(1 if QUICK else 3, ["token_p99_ratio", "token_p99_ms_at_70pct"], lambda: {"wall": sign()["wall_ratio"]},
                                lambda: w.load(w.consent("rs256", n), 500, rate), idle={"wall": 1})]
    results["token_p99_ms_at_70pct"] = statistics.median(r["p99_ms"] for r in got)
    results["token_mean_ms_at_70pct"] = statistics.median(r["mean_ms"] for r in got)
    results["token_p99_ratio"] = statistics.median(r["p99_ms"] / r["mean_ms"] for r in got)


def bench_issuer(w, results):
    bench_world(w, results)
    bench_algs(w, results)
    bench_counts(w, results)
    bench_p99(w, results)
