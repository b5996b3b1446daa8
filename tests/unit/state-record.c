/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container on disk: reserved once, recorded by lines, removed whole. */
#include "test.h"

#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "state/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	char path[64];
	int root;
};

static void place_open(struct place *place)
{
	(void)snprintf(place->path, sizeof(place->path), "/tmp/state-record.XXXXXX");
	expect(mkdtemp(place->path) != NULL);
	place->root = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(place->root >= 0);
}

static void place_close(struct place *place)
{
	fd_close(&place->root);
	(void)rmdir(place->path);
}

static void append(const struct state *state, const char *bytes)
{
	autofd fd = openat(state->directory, "record.json", O_WRONLY | O_APPEND | O_CLOEXEC);

	expect(fd >= 0 && write_all(fd, bytes, strlen(bytes)) == 0);
}

TEST(the_last_whole_line_is_the_record)
{
	autoarena arena = {};
	struct place place;
	autostate state = {};
	struct error err = {};
	struct record record = { .id = "one", .bundle = "/b", .cgroup = "/mxc-one" }, got;

	place_open(&place);
	expect_ok(state_reserve(place.root, "one", &state, &err), &err);
	expect_ok(record_read(&arena, &state, &got, &err), &err);
	expect_int(got.pid, 0);
	expect_text(got.id, "one");

	expect_ok(record_write(&state, &record, &err), &err);
	record.pid = 42;
	record.pid_start = UINT64_MAX;
	record.is_created = true;
	expect_ok(record_write(&state, &record, &err), &err);
	/* A writer that was killed half way. */
	append(&state, "{\"id\":\"one\",\"pid\":43");
	expect_ok(record_read(&arena, &state, &got, &err), &err);
	expect_int(got.pid, 42);
	expect(got.pid_start == UINT64_MAX && got.is_created);
	expect_text(got.cgroup, "/mxc-one");

	expect_ok(state_remove(&state, &err), &err);
	place_close(&place);
}

TEST(behind_a_broken_line_the_one_before_counts)
{
	autoarena arena = {};
	struct place place;
	autostate state = {};
	struct error err = {};
	struct record record = { .id = "one", .bundle = "/b", .pid = 42 };

	place_open(&place);
	expect_ok(state_reserve(place.root, "one", &state, &err), &err);
	expect_ok(record_write(&state, &record, &err), &err);
	append(&state, "{\"pid\":-1}\n{\"id\":\"other\",\"bundle\":\"/c\"}\nnonsense\n");
	expect_ok(record_read(&arena, &state, &record, &err), &err);
	expect_int(record.pid, 42);
	expect_text(record.bundle, "/b");
	expect_ok(state_remove(&state, &err), &err);
	place_close(&place);
}

TEST(a_record_without_a_line_that_is_one_is_damaged)
{
	autoarena arena = {};
	struct place place;
	autostate state = {};
	struct error err = {};
	struct record record = { .id = "one", .bundle = "/b" };

	place_open(&place);
	expect_ok(state_reserve(place.root, "one", &state, &err), &err);
	expect_ok(record_write(&state, &record, &err), &err);
	expect(unlinkat(state.directory, "record.json", 0) == 0);
	autofd fd = openat(state.directory, "record.json", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	expect(fd >= 0);
	append(&state, "{\"pid\":-1}\n");
	expect_fail(record_read(&arena, &state, &record, &err), &err, "state record");
	expect_text(err.code, "damaged_record");
	err = (struct error){};
	expect_ok(state_remove(&state, &err), &err);
	place_close(&place);
}

TEST(an_id_is_reserved_once)
{
	struct place place;
	autostate first = {}, second = {};
	struct error err = {};

	place_open(&place);
	expect_ok(state_reserve(place.root, "one", &first, &err), &err);
	expect_fail(state_reserve(place.root, "one", &second, &err), &err, "already exists");
	err = (struct error){};
	expect_ok(state_remove(&first, &err), &err);
	err = (struct error){};
	expect_fail(state_open(place.root, "one", &second, &err), &err, "does not exist");
	expect_text(err.code, "stale_id");
	place_close(&place);
}

TEST(ids_that_name_other_places_are_refused)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "../a", "a\nb", "a b", "a@b" };
	char longest[300];
	struct error err = {};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		expect_fail(state_id_check(bad[i], &err), &err, "invalid container id");
		expect_text(err.code, "malformed_id");
		err = (struct error){};
	}
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	expect_fail(state_id_check(longest, &err), &err, "invalid container id");
	longest[255] = '\0';
	expect_ok(state_id_check(longest, &err), &err);
}
