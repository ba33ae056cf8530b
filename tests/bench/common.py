"""What make bench and make bench-scale share: a server of one's own, the tools, the login, the table and build/bench.json."""
import http.cookiejar, json, os, re, socket, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

from steady import spoilt

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.join(ROOT, "build", "samtykke")
BENCH = os.path.join(ROOT, "build", "tests", "bench")
QUICK = "--quick" in sys.argv
CONNECTIONS = 64
WARMUP = 500
PID, BANK = "01025161013", "810419512"
work = tempfile.mkdtemp(prefix="samtykke-bench.")
os.chmod(work, 0o711)  # the unprivileged PostgreSQL server must get through


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tool(name, *args, stdin=None, check=True, out=None):
    r = subprocess.run([os.path.join(BENCH, name), *map(str, args)], input=stdin, stdout=out or subprocess.PIPE, text=out is None,
                       check=False)
    if check and r.returncode:
        sys.exit(f"{name} {' '.join(map(str, args))[:80]} ended with {r.returncode}")
    return None if out else json.loads(r.stdout)


class Server:
    def __init__(self, *args, under=()):
        """under: a command that runs the server's own, such as a tool of valgrind."""
        t = time.monotonic()
        self.p = subprocess.Popen([*under, BIN, "sandbox", "--port", "0", *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.p.stdout.readline()
        self.ready_ms = (time.monotonic() - t) * 1000
        if not line:
            sys.exit("the sandbox did not start")
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def get(self, path, **query):
        q = "?" + urllib.parse.urlencode(query) if query else ""
        return urllib.request.urlopen(self.url + path + q).read().decode()

    def metrics(self):
        return {m[0]: float(m[1]) for m in re.findall(r"^(\w+) ([0-9.e+]+)$", self.get("/metrics"), re.M)}

    def batches(self):
        """Transactions of the committer so far, and changes in them."""
        m = self.metrics()
        return m["samtykke_committer_batches_total"], m["samtykke_committer_changes_total"]

    def stop(self):
        self.p.terminate()
        self.p.wait()


def batch_size(before, after):
    """The mean size between two looks at Server.batches()."""
    return max(1, round((after[1] - before[1]) / (after[0] - before[0])))


def loop_cpu_us(uri, n, batch):
    """The bare loop: CPU of one create's rows in an empty store of its own, in transactions of `batch` creates."""
    subprocess.run([BIN, "store", "migrate", "--sandbox", "--set", "store=" + uri], check=True)
    return tool("bench_loop", uri, n, batch)["cpu_us"]


def load(s, path, warmup=WARMUP, *rate):
    return tool("bench_load", s.port, CONNECTIONS, s.p.pid, warmup, path, *rate)


def form(s, opener, path, **fields):
    return opener.open(s.url + path, urllib.parse.urlencode(fields).encode()).read().decode()


def hidden(html):
    return {n: v for n, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)}


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *a):
        return None


def login(s, goto, pid=PID):
    """As a browser without script: the test login's own form, then the session cookie by hand."""
    jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
    o = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), Stay)
    html = o.open(s.url + "/sandbox/login/testid?" + urllib.parse.urlencode({"goto": goto})).read().decode()
    try:
        form(s, o, "/sandbox/login/testid", **{**hidden(html), "pid": pid, "level": "4"})
    except urllib.error.HTTPError as e:
        if e.code != 303:
            sys.exit(f"login: {e.code} {e.read()[:300]}")
    return "; ".join(f"{c.name}={c.value}" for c in jar)


def report(r, limits):
    """The table, and the figures beside those that build/bench.json has. Names what is over its budget. The exit status."""
    over = [k for k, b in limits.items() if r[k] > b]
    print(f"{'figure':32} {'measured':>12} {'budget':>10}")
    for k, v in r.items():
        b = f"{limits[k]:10.2f}" if k in limits else " " * 10
        print(f"{k:32} {v:12.2f} {b} {'over ' if k in over else ''}{'spoilt' if k in spoilt else ''}".rstrip())
    if spoilt:
        print("spoilt by a busy machine: " + " ".join(spoilt))
    if over:
        print("over budget: " + " ".join(over))
    path = os.path.join(ROOT, "build", "bench.json")
    kept = json.load(open(path)) if os.path.exists(path) else {}
    json.dump({**kept, **{k: round(v, 3) for k, v in r.items()}}, open(path, "w"), indent=1)
    return 1 if over else 0
