/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of an agent's id. */
#include "policy/agent/id.h"
#include "test.h"

#include <string.h>

TEST(ids_of_every_form_are_right)
{
	static const char *const ids[] = {
		"spiffe://example.org/agent/coder",
		"spiffe://a_b-1.example/x",
		"urn:entra:72f988bf-86f1-41af:11aa-22bb",
		"https://issuer.example/#alice",
		"https://[::1]:8443/a/b#u|7",
		"local:ab12/1000/box-1",
	};
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		expect_text(agent_id_problem(ids[i]), NULL);
}

TEST(ids_that_break_their_form_are_not)
{
	static const char *const ids[] = {
		"",
		"coder",
		"spiffe://",
		"spiffe://example.org",
		"spiffe://example.org/",
		"spiffe://example.org/a/",
		"spiffe://example.org//a",
		"spiffe://example.org/./a",
		"spiffe://example.org/..",
		"spiffe://Example.org/a",
		"spiffe://example.org:8443/a",
		"spiffe://user@example.org/a",
		"spiffe://example.org/a?b",
		"spiffe://example.org/a#b",
		"spiffe://example.org/a b",
		"SPIFFE://example.org/a",
		"urn:entra:tenant",
		"urn:entra::object",
		"urn:entra:a:b:c",
		"https://",
		"https://issuer.example/",
		"https://issuer.example/#",
		"https:///#x",
		"https://issuer.example/#a\nb",
		"https://issuer.example/#a\"b",
		"http://issuer.example/#a",
		"local:",
		"local:a b",
	};
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		expect(agent_id_problem(ids[i]));
}

TEST(lengths_are_bounded)
{
	char text[4096];
	memset(text, 'a', sizeof(text));
	memcpy(text, "spiffe://", 9);
	text[9 + 255] = '/';
	text[2048] = '\0';
	expect_text(agent_id_problem(text), NULL);
	text[2048] = 'a';
	text[2049] = '\0';
	expect_contains(agent_id_problem(text), "longer than 2048");
	text[9 + 255] = 'a';
	text[9 + 256] = '/';
	text[1000] = '\0';
	expect_contains(agent_id_problem(text), "1 to 255");
}
