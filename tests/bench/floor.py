"""The floor: what one answer costs at least on this machine. Debian's nginx with a fixed answer, under the load that the server gets."""
import os, signal, statistics, subprocess, sys, time, urllib.request

from common import CONNECTIONS, QUICK, Server, free_port, load, tool, work
from steady import rounds

RUNS = 3 if QUICK else 5
REQUESTS = 10_000 if QUICK else 40_000
COUNTED = 2_000 if QUICK else 10_000  # requests whose system calls are counted
WORKERS = 2
LIVE = "/health/live"
# Of about the size of the answer to LIVE, which has more headers.
CONF = """
worker_processes {workers};
daemon off;
{user}
pid {work}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
	access_log off;
	keepalive_requests 1000000000;
	default_type application/json;
	client_body_temp_path {work}/nginx-body;
	proxy_temp_path {work}/nginx-proxy;
	fastcgi_temp_path {work}/nginx-fastcgi;
	uwsgi_temp_path {work}/nginx-uwsgi;
	scgi_temp_path {work}/nginx-scgi;
	server {{
		listen 127.0.0.1:{port};
		location = {live} {{ return 200 '{{"status":"UP","padding":"{padding}"}}'; }}
	}}
}}
"""


def gets(n):
    path = os.path.join(work, f"live{n}")
    request = f"GET {LIVE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with open(path, "w", newline="") as f:
        f.write(f"{len(request)}\n{request}" * n)
    return path


class Nginx:
    def __init__(self):
        self.port = free_port()
        conf = os.path.join(work, "nginx.conf")
        with open(conf, "w") as f:
            f.write(CONF.format(work=work, workers=WORKERS, port=self.port, live=LIVE, padding="x" * 80,
                                user="user root;" if os.getuid() == 0 else ""))
        self.p = subprocess.Popen([self.program(), "-c", conf, "-e", "stderr"])
        for _ in range(300):
            pids = subprocess.run(["pgrep", "-P", str(self.p.pid)], check=False, stdout=subprocess.PIPE, text=True).stdout.split()
            if len(pids) == WORKERS and self.answers():
                break
            time.sleep(0.1)
        else:
            sys.exit("nginx did not start")
        self.workers = ",".join(pids)

    def answers(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{LIVE}").read()
        except OSError:
            return False

    @staticmethod
    def program():
        return next((p for p in ("/usr/sbin/nginx", "/usr/bin/nginx") if os.path.exists(p)), "nginx")

    def cpu_us(self):
        return tool("bench_load", self.port, CONNECTIONS, self.workers, 500, gets(REQUESTS))["cpu_us"]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait()


nginx, measured = None, []


def nginx_cpu_us():
    """CPU of one fixed answer of nginx, measured now: the other side of a ratio was measured a moment ago."""
    global nginx
    nginx = nginx or Nginx()
    measured.append(nginx.cpu_us())
    return measured[-1]


def nginx_bare():
    """The same as the bare side of steady.rounds."""
    return {"nginx": nginx_cpu_us()}


def floor_finish(results):
    if nginx:
        nginx.stop()
    if measured:
        results["nginx_floor_cpu_us"] = statistics.median(measured)


def system_calls(s, connections, path):
    """All system calls of the server process while it answers the file's requests."""
    out = os.path.join(work, "strace")
    tracer = subprocess.Popen(["strace", "-c", "-f", "-p", str(s.p.pid), "-o", out], stderr=subprocess.PIPE, text=True)
    line = tracer.stderr.readline()
    if "attached" not in line:
        sys.exit("strace cannot attach: " + line)
    tool("bench_load", s.port, connections, s.p.pid, 0, path)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate()
    return int(next(l for l in open(out) if l.rstrip().endswith(" total")).split()[3])


def per_request(s, connections, n=COUNTED, requests=gets):
    """Of two counts the difference, so that connections and the server's own work do not count. requests(n): a file of n of them."""
    less, more = (system_calls(s, connections, requests(k)) for k in (n // 5, n))
    return (more - less) / (n - n // 5)


def bench_floor(results):
    """The least request of the server, in turn with nginx's."""
    def live():
        s = Server()
        r = load(s, gets(REQUESTS))
        s.stop()
        return r["cpu_us"]

    got = rounds(RUNS, ["http_floor_ratio"], nginx_bare, live)
    results["http_floor_cpu_us"] = statistics.median(us for us, _ in got)
    results["http_floor_ratio"] = statistics.median(us / bare["nginx"] for us, bare in got)
    s = Server()
    results["http_floor_syscalls"] = per_request(s, CONNECTIONS)
    results["http_alone_calls"] = per_request(s, 1)
    s.stop()
