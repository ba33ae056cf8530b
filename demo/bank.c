/* Smekkfull Bank: a data consumer as one small web page.
 *
 * A person applies for a loan, and the bank needs to see their income. It asks for consent, and sends the person to the
 * platform's page to answer. When the person comes back, the bank fetches a consent token. It shows the token to the
 * tax authority, which returns the income. Three functions here make all the calls of libsamtykke that a bank needs:
 * create_request, application_status and fetch_income. */
#include <samtykke/samtykke.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "key.h"
#include "trace.h"
#include "web.h"

#define SITE "Smekkfull Bank"
#define RESOURCE "ttd_inntektsopplysninger"
#define SCOPE "ttd:inntekt"
#define CONSENT_DAYS 9
#define DAY (24 * 3600 * INT64_C(1000000))
#define LOAN_MAX 10000000
#define DEBT_FACTOR 5 /* the largest loan is this many times the yearly income */

static const char *port = "8082", *sandbox = "http://127.0.0.1:8080", *tax = "http://127.0.0.1:8081";
static const char *client_id = "5f1d8a52-7c0e-4b7a-9d57-2f6a3c1e8b01", *orgno = "810419512", *key_file;
static bool trace;
static struct samtykke_client *client; /* one for the whole process; many threads may use it at once */

/* ---- the latest applications, in memory ---- */

struct application {
	char number[33]; /* random and secret: it identifies the applicant */
	char pid[12];    /* national identity number */
	char year[5];
	long amount;
	char consent[37]; /* id of the consent request */
	char view_uri[512];
};
#define APPLICATIONS 1000
static struct application applications[APPLICATIONS];
static size_t n_applications;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool number_make(char out[33])
{
	unsigned char bytes[16];
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static void application_keep(const struct application *a)
{
	pthread_mutex_lock(&lock);
	applications[n_applications++ % APPLICATIONS] = *a;
	pthread_mutex_unlock(&lock);
}

static bool application_find(const char *number, struct application *out)
{
	bool found = false;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < APPLICATIONS && !found; i++)
		if (*number && strcmp(applications[i].number, number) == 0) {
			*out = applications[i];
			found = true;
		}
	pthread_mutex_unlock(&lock);
	return found;
}

/* ---- pages ---- */

static void text(struct web_call *call, const char *before, const char *value, const char *after)
{
	fputs(before, call->out);
	web_html(call->out, value);
	fputs(after, call->out);
}

static void problem_page(struct web_call *call, int status, const char *heading, const char *sentence)
{
	call->status = status;
	web_page_begin(call, SITE, heading);
	text(call, "<p>", sentence, "</p>\n<p><a href=\"/\">Back to the application</a></p>\n");
	web_page_end(call);
}

/* Shows why a call to the platform or the tax authority failed, with the answer if there was one. */
static void failed_page(struct web_call *call, const char *heading, enum samtykke_rc rc)
{
	call->status = rc == SAMTYKKE_UNAVAILABLE ? 503 : 502;
	web_page_begin(call, SITE, heading);
	text(call, "<p>", samtykke_rc_text(rc), "</p>\n");
	if (rc == SAMTYKKE_REFUSED)
		text(call, "<p>It said: <code>", samtykke_client_error(client), "</code></p>\n");
	fputs("<p><a href=\"/\">Back to the application</a></p>\n", call->out);
	web_page_end(call);
}

static void start_page(struct web_call *call)
{
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	web_page_begin(call, SITE, "Apply for a loan");
	fprintf(call->out,
		"<p>To decide, we need to see your income. You will be asked, on a page that is not ours, whether we "
		"may.</p>\n"
		"<form method=\"post\" action=\"/apply\">\n"
		"<label for=\"pid\">National identity number</label>\n"
		"<input id=\"pid\" name=\"pid\" value=\"01025161013\" inputmode=\"numeric\" pattern=\"[0-9]{11}\" "
		"maxlength=\"11\" required>\n"
		"<label for=\"amount\">Amount in kroner</label>\n"
		"<input id=\"amount\" name=\"amount\" type=\"number\" value=\"1500000\" min=\"1\" max=\"%d\" "
		"required>\n"
		"<label for=\"year\">Income year</label>\n"
		"<input id=\"year\" name=\"year\" value=\"%d\" inputmode=\"numeric\" pattern=\"20[0-9]{2}\" "
		"maxlength=\"4\" required>\n"
		"<button>Apply</button>\n</form>\n",
		LOAN_MAX, tm.tm_year + 1900 - 1);
	web_page_end(call);
}

/* ---- step 1: ask for consent ---- */

static bool digits(const char *value, size_t n)
{
	return strlen(value) == n && strspn(value, "0123456789") == n;
}

static const char *form_read(const struct web_call *call, struct application *out)
{
	const char *pid = web_field(call, "pid"), *year = web_field(call, "year"), *amount = web_field(call, "amount");
	if (!digits(pid, 11))
		return "A national identity number has 11 digits.";
	if (!digits(year, 4) || strncmp(year, "20", 2) != 0)
		return "The income year is a year such as 2025.";
	if (!digits(amount, strlen(amount)) || strlen(amount) > 8 || atol(amount) < 1 || atol(amount) > LOAN_MAX)
		return "The amount is a whole number of kroner up to ten million.";
	out->amount = atol(amount);
	snprintf(out->pid, sizeof out->pid, "%s", pid);
	snprintf(out->year, sizeof out->year, "%s", year);
	return number_make(out->number) ? NULL : "Something failed here; please try again.";
}

static enum samtykke_rc create_request(struct application *a)
{
	char nb[128], nn[128], en[128], redirect[128];
	struct samtykke_answer *answer;
	snprintf(nb, sizeof nb, "Vi trenger inntekten din for å behandle søknaden om %ld kroner i lån.", a->amount);
	snprintf(nn, sizeof nn, "Vi treng inntekta di for å behandle søknaden om %ld kroner i lån.", a->amount);
	snprintf(en, sizeof en, "We need your income to decide on your application for a loan of %ld kroner.",
		 a->amount);
	snprintf(redirect, sizeof redirect, "%s/done?application=%s", web_url(), a->number);

	struct samtykke_right right = {
		.resource = RESOURCE,
		.metadata = (const char *[]){ "inntektsaar", a->year, NULL },
	};
	struct samtykke_request request = SAMTYKKE_REQUEST;
	request.from = a->pid;
	request.to = orgno;
	request.valid_to = samtykke_client_now(client) + CONSENT_DAYS * DAY;
	request.rights = &right;
	request.n_rights = 1;
	request.message = (const char *[]){ "nb", nb, "nn", nn, "en", en, NULL };
	request.redirect_url = redirect;

	enum samtykke_rc rc = samtykke_request_create(client, &request, &answer);
	if (rc != SAMTYKKE_OK)
		return rc;
	snprintf(a->consent, sizeof a->consent, "%s", samtykke_answer_id(answer));
	snprintf(a->view_uri, sizeof a->view_uri, "%s", samtykke_answer_view_uri(answer));
	samtykke_answer_destroy(answer);
	return SAMTYKKE_OK;
}

static void apply(struct web_call *call)
{
	struct application a = { 0 };
	const char *fault = form_read(call, &a);
	if (fault) {
		problem_page(call, 400, "Something in the form is not right", fault);
		return;
	}
	enum samtykke_rc rc = create_request(&a);
	if (rc != SAMTYKKE_OK) {
		failed_page(call, "We could not ask for your consent", rc);
		return;
	}
	application_keep(&a);
	call->status = 303;
	snprintf(call->location, sizeof call->location, "%s", a.view_uri);
}

/* ---- step 2: the person is back ---- */

/* The browser brings Status=OK or Status=Failed, but anybody can forge that. Only the platform knows the status. */
static enum samtykke_rc application_status(const struct application *a, char status_out[16], char from_out[80])
{
	struct samtykke_answer *answer;
	enum samtykke_rc rc = samtykke_request_get(client, a->consent, &answer);
	if (rc != SAMTYKKE_OK)
		return rc;
	snprintf(status_out, 16, "%s", samtykke_answer_status(answer));
	snprintf(from_out, 80, "%s", samtykke_answer_from(answer));
	samtykke_answer_destroy(answer);
	return SAMTYKKE_OK;
}

/* Finds one number in a flat object, which is enough for the demo's tax authority. A real bank uses a JSON library. */
static bool json_number(const char *json, const char *name, long *out)
{
	char member[40], *end;
	snprintf(member, sizeof member, "\"%s\":", name);
	const char *at = strstr(json, member);
	if (!at)
		return false;
	*out = strtol(at + strlen(member), &end, 10);
	return end != at + strlen(member);
}

/* A consent token lives for two minutes. The bank fetches one whenever it needs it, while the consent is valid. */
static enum samtykke_rc fetch_income(const struct application *a, const char *from, long *income_out)
{
	char url[256], *token, *body;
	enum samtykke_rc rc = samtykke_client_token(client, SCOPE, a->consent, from, &token);
	if (rc != SAMTYKKE_OK)
		return rc;
	snprintf(url, sizeof url, "%s/income/%s/%s", tax, a->pid, a->year);
	rc = samtykke_client_fetch(client, url, token, &body);
	samtykke_free(token);
	if (rc != SAMTYKKE_OK)
		return rc;
	rc = json_number(body, "sum", income_out) ? SAMTYKKE_OK : SAMTYKKE_MALFORMED;
	samtykke_free(body);
	return rc;
}

static void granted_page(struct web_call *call, const struct application *a, long income)
{
	long most = DEBT_FACTOR * income, granted = a->amount < most ? a->amount : most;
	web_page_begin(call, SITE, granted == a->amount ? "You get the loan" : "You get a part of the loan");
	fprintf(call->out,
		"<p>You applied for %ld kroner and may borrow <strong id=\"granted\">%ld</strong> kroner.</p>\n",
		a->amount, granted);
	fputs("<p>This is what happened:</p>\n<ol>\n", call->out);
	text(call, "<li>We asked for your consent to see your income of ", a->year, ".</li>\n");
	text(call, "<li>You gave it: consent <code>", a->consent, "</code>.</li>\n");
	fputs("<li>We fetched a consent token, which is good for two minutes.</li>\n", call->out);
	fprintf(call->out,
		"<li>We showed it to the tax authority, which told us that you earned <strong "
		"id=\"income\">%ld</strong> kroner.</li>\n",
		income);
	fprintf(call->out, "<li>Nobody may borrow more than %d times their income: that decided it.</li>\n</ol>\n",
		DEBT_FACTOR);
	fputs("<p>You may withdraw your consent at any time; we can then fetch nothing more.</p>\n", call->out);
	web_page_end(call);
}

static void done(struct web_call *call)
{
	struct application a;
	char status[16], from[80];
	long income;
	if (!application_find(web_field(call, "application"), &a)) {
		problem_page(call, 404, "We do not know that application", "It may be old. Please apply again.");
		return;
	}
	enum samtykke_rc rc = application_status(&a, status, from);
	if (rc != SAMTYKKE_OK) {
		failed_page(call, "We could not ask for your answer", rc);
	} else if (strcmp(status, "Created") == 0) {
		web_page_begin(call, SITE, "You have not answered yet");
		text(call, "<p><a href=\"", a.view_uri, "\">Read what we ask for, and answer</a></p>\n");
		web_page_end(call);
	} else if (strcmp(status, "Accepted") != 0) {
		problem_page(call, 200, "No consent, no loan from us online",
			     "You did not consent, or have withdrawn it, and that is quite all right: nobody has told "
			     "us anything about you. "
			     "Call us, and we will find another way.");
	} else if ((rc = fetch_income(&a, from, &income)) != SAMTYKKE_OK) {
		failed_page(call, "We could not get your income", rc);
	} else {
		granted_page(call, &a, income);
	}
}

/* ---- the program ---- */

static void handle(struct web_call *call)
{
	bool get = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;
	if (get && strcmp(call->path, "/") == 0) {
		start_page(call);
	} else if (strcmp(call->method, "POST") == 0 && strcmp(call->path, "/apply") == 0) {
		apply(call);
	} else if (get && strcmp(call->path, "/done") == 0) {
		done(call);
	} else if (get && strcmp(call->path, "/style.css") == 0) {
		call->type = "text/css";
		fputs(web_style, call->out);
	} else {
		problem_page(call, 404, "There is no such page", "The address may be misspelt.");
	}
}

int main(int argc, char **argv)
{
	const struct web_option rows[] = {
		{ "port", "N", "Port to listen on; 0 takes a free one.", &port, NULL },
		{ "sandbox", "URL", "Address of samtykke sandbox.", &sandbox, NULL },
		{ "tax", "URL", "Address of the tax authority.", &tax, NULL },
		{ "client-id", "ID", "The bank's client.", &client_id, NULL },
		{ "key", "FILE", "Private key of the client as JWK. Without it the sandbox is asked for the key.",
		  &key_file, NULL },
		{ "orgno", "N", "The bank's organisation number.", &orgno, NULL },
		{ "trace", NULL, "Print every exchange with the platform and the tax authority.", NULL, &trace },
		{ NULL, NULL, NULL, NULL, NULL },
	};
	web_options(argc, argv, "bank: the demo's bank, a data consumer.", rows);

	char *key = key_read(key_file, sandbox, client_id);
	struct samtykke_client_options options = SAMTYKKE_CLIENT_OPTIONS;
	options.base_url = sandbox;
	options.client_id = client_id;
	options.private_jwk = key;
	options.server_time = true;
	options.trace = trace ? trace_exchange : NULL;
	if (!key || samtykke_client_create(&options, &client) != SAMTYKKE_OK) {
		fprintf(stderr, "bank: no private key as JWK from %s\n", key_file ? key_file : sandbox);
		return 1;
	}
	free(key);
	int status = web_serve(port, handle);
	samtykke_client_destroy(client);
	return status;
}
