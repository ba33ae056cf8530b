"""What clients of Altinn 2 cost: a token that is fetched again, a registered request, the page of a link."""
import json, os, statistics, sys, time, urllib.parse, urllib.request

from common import BANK, PID, QUICK, Server, batch_size, load, login, loop_cpu_us, work
from floor import nginx_bare
from issuer import sign
from steady import rounds

RUNS = 2 if QUICK else 5
CODES = 200 if QUICK else 1000  # different consents whose tokens are fetched in turn
FETCHES, CREATES, PAGES = (2000, 4000, 3000) if QUICK else (10000, 20000, 15000)
KEY = "5A6B0D1E-0000-4000-8000-810419512000"  # the bank's in the built-in world
NAME = "Fjær"
SCOPES = "altinn:consentrequests.write altinn:consenttokens.read"


def raw(method, path, headers, body=""):
    head = "".join(f"{k}: {v}\r\n" for k, v in {"Host": "127.0.0.1", **headers, **({"Content-Length": len(body)} if body else {})}.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}"


def requests_file(name, requests):
    path = os.path.join(work, name)
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.writelines(f"{len(r.encode())}\n{r}" for r in requests)
    return path


def caller(s):
    token = s.get("/api/GetEnterpriseToken", env="bench", scopes=SCOPES, orgNo=BANK, ttl=36000)
    return {"ApiKey": KEY, "Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": "application/json"}


def request_body():
    end = time.strftime("%Y-%m-%dT%H:%M:%S.000", time.localtime(time.time() + 5 * 86400))
    return json.dumps({"CoveredBy": BANK, "OfferedBy": PID, "OfferedByName": NAME, "ValidTo": end, "RedirectUrl": "https://www.example.no/loan",
                       "RequestResources": [{"ServiceCode": "4629", "ServiceEditionCode": 2, "Metadata": {"inntektsaar": "2025"}}]})


def post(s, path, headers, body):
    with urllib.request.urlopen(urllib.request.Request(s.url + path, body.encode(), headers)) as r:
        return json.load(r)


def given(s, headers, person):
    """The code of a consent that the person has given."""
    code = post(s, "/api/consentRequests", headers, request_body())["AuthorizationCode"]
    post(s, f"/accessmanagement/api/v1/bff/consentrequests/{code}/accept", person, '{"language": "nb"}')
    return code


def bench_tokens(results):
    def fetches():
        s = Server("--set", "token.rate=0")
        headers = caller(s)
        person = {"Authorization": "Bearer " + s.get("/api/GetPersonalToken", env="bench", scopes="altinn:portal/enduser", pid=PID, ttl=36000),
                  "Content-Type": "application/json"}
        codes = [given(s, headers, person) for _ in range(CODES)]
        asking = {"ApiKey": KEY, "Accept": "application/json"}
        r = load(s, requests_file("altinn2_tokens", [raw("GET", "/api/authorization/token/" + codes[i % CODES], asking) for i in range(FETCHES)]))
        s.stop()
        return r["cpu_us"]

    got = rounds(RUNS, ["altinn2_token_cpu_ratio"], lambda: {"sign": sign()["rs256_us"]}, fetches)
    results["altinn2_token_cpu_us"] = statistics.median(us for us, _ in got)
    results["altinn2_token_cpu_ratio"] = statistics.median(us / bare["sign"] for us, bare in got)


def bench_creates(results):
    def creates():
        store = f"sqlite:{work}/altinn2.{time.monotonic_ns()}"
        s = Server("--set", f"store={store}.db")
        one = raw("POST", "/api/consentRequests", caller(s), request_body())
        before = s.batches()
        r = load(s, requests_file("altinn2_creates", [one] * CREATES))
        size = batch_size(before, s.batches())
        s.stop()
        return r["cpu_us"], loop_cpu_us(f"{store}.loop.db", CREATES, size)

    got = rounds(RUNS, ["altinn2_create_ratio"], nginx_bare, creates)
    results["altinn2_create_cpu_us"] = statistics.median(us for (us, _), _ in got)
    results["altinn2_create_ratio"] = statistics.median(us / (2 * loop + 2 * bare["nginx"]) for (us, loop), bare in got)


def bench_link(results):
    query = {"Resources": "4629_2", "CoveredBy": BANK, "RedirectUrl": "https://www.example.no/loan", "4629_2_inntektsaar": "2025",
             "ValidToDate": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() + 5 * 86400)), "ResponseType": "code",
             "DelegationContext": "Please approve this consent request"}
    path = "/ui/AccessConsent?" + urllib.parse.urlencode(query)

    def page():
        s = Server()
        cookie = {"Cookie": login(s, path), "Accept": "text/html"}
        html = urllib.request.urlopen(urllib.request.Request(s.url + path, headers=cookie)).read()
        if b'name="csrf"' not in html:
            sys.exit("the link's page is not what was asked for:\n" + html.decode()[:500])
        r = load(s, requests_file("altinn2_link", [raw("GET", path, cookie)] * PAGES))
        s.stop()
        return r["cpu_us"]

    got = rounds(RUNS, ["altinn2_link_ratio"], nginx_bare, page)
    results["altinn2_link_cpu_us"] = statistics.median(us for us, _ in got)
    results["altinn2_link_ratio"] = statistics.median(us / bare["nginx"] for us, bare in got)


def bench_altinn2(results):
    bench_tokens(results)
    bench_creates(results)
    bench_link(results)
