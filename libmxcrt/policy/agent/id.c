/* SPDX-License-Identifier: Apache-2.0 */
/* Checking an agent's id: a URI of one of four forms, which nothing else in an event can be
 * mistaken for. */
#include "policy/agent/id.h"

#include "base/str.h"

#include <string.h>

#define LETTERS  "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"

enum { ID_MAX = 2048, TRUST_DOMAIN_MAX = 255 };

/* The N bytes at TEXT are some, and all of ALLOWED. */
static bool consists_of(const char *text, size_t n, const char *allowed)
{
	return n > 0 && strspn(text, allowed) >= n;
}

static const char *spiffe_problem(const char *rest)
{
	size_t domain = strcspn(rest, "/");
	if (domain > TRUST_DOMAIN_MAX || !consists_of(rest, domain, LETTERS DIGITS ".-_"))
		return "the trust domain is 1 to 255 of a-z, 0-9, '.', '-' and '_'";
	rest += domain;
	if (*rest == '\0')
		return "a trust domain alone is no agent: a path is missing";
	while (*rest == '/') {
		size_t n = strcspn(++rest, "/");
		if (!consists_of(rest, n, LETTERS CAPITALS DIGITS ".-_"))
			return "a path segment is one or more of a-z, A-Z, 0-9, '.', '-' and '_'";
		if (strspn(rest, ".") >= n && n <= 2)
			return "a path segment is '.' or '..'";
		rest += n;
	}
	return NULL;
}

static const char *entra_problem(const char *rest)
{
	size_t tenant = strcspn(rest, ":");
	if (!consists_of(rest, tenant, LETTERS CAPITALS DIGITS ".-") || rest[tenant] != ':')
		return "it is 'urn:entra:TENANT:OBJECT'";
	rest += tenant + 1;
	return consists_of(rest, strlen(rest), LETTERS CAPITALS DIGITS ".-")
		       ? NULL
		       : "it is 'urn:entra:TENANT:OBJECT'";
}

static const char *https_problem(const char *rest)
{
	size_t host = strcspn(rest, "/#");
	if (!consists_of(rest, host, LETTERS CAPITALS DIGITS ".-:[]"))
		return "the issuer's host is missing";
	const char *subject = strchr(rest, '#');
	if (!subject || subject[1] == '\0')
		return "'#SUBJECT' is missing at its end";
	if (!consists_of(rest, (size_t)(subject - rest),
			 LETTERS CAPITALS DIGITS "/.-_~:[]@!$&'()*+,;=%"))
		return "the issuer has a character that no URI has";
	return consists_of(subject + 1, strlen(subject + 1),
			   LETTERS CAPITALS DIGITS "/.-_~:@!$&'()*+,;=%?|")
		       ? NULL
		       : "the subject has a character that no URI has";
}

static const char *local_problem(const char *rest)
{
	return consists_of(rest, strlen(rest), LETTERS CAPITALS DIGITS "/.-_:")
		       ? NULL
		       : "it is 'local:' and a-z, A-Z, 0-9, '/.-_:'";
}

const char *agent_id_problem(const char *id)
{
	static const struct {
		const char *scheme;
		const char *(*problem)(const char *rest);
	} forms[] = {
		{ "spiffe://", spiffe_problem },
		{ "urn:entra:", entra_problem },
		{ "https://", https_problem },
		{ "local:", local_problem },
	};
	if (strnlen(id, ID_MAX + 1) > ID_MAX)
		return "it is longer than 2048 bytes";
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (str_starts(id, forms[i].scheme))
			return forms[i].problem(id + strlen(forms[i].scheme));
	return "it begins with none of 'spiffe://', 'urn:entra:', 'https://' and 'local:'";
}
