/* SPDX-License-Identifier: Apache-2.0 */
/* The step tables of the host and of init played against each other: they agree on every word, for
 * every kind of plan. */
#include "test.h"

#include "plan/plan.h"
#include "stages/link.h"
#include "stages/stages.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 32 };

struct side {
	struct {
		bool tells;
		enum word word;
	} words[WORDS_MAX];
	size_t n, next;
};

static void side_add(struct side *side, bool tells, enum word word)
{
	expect(side->n < WORDS_MAX);
	side->words[side->n].tells = tells;
	side->words[side->n++].word = word;
}

static void side_add_stage(struct side *side, const struct stage *stage, const struct plan *plan)
{
	for (const struct step *step = stage->steps; step->name; step++) {
		if (step->when && !step->when(plan))
			continue;
		if (step->tell != WORD_NONE)
			side_add(side, true, step->tell);
		if (step->await != WORD_NONE)
			side_add(side, false, step->await);
	}
}

static bool is_next(const struct side *side, bool tells, enum word word)
{
	return side->next < side->n && side->words[side->next].tells == tells &&
	       side->words[side->next].word == word;
}

/* One side says its next word and the other hears it, until both are silent: anything left over is
 * a deadlock. */
static void play(struct side *a, struct side *b)
{
	for (;;) {
		struct side *speaker = a->next < a->n && a->words[a->next].tells ? a : b;
		struct side *listener = speaker == a ? b : a;
		if (speaker->next == speaker->n || !speaker->words[speaker->next].tells)
			break;
		enum word word = speaker->words[speaker->next].word;
		if (!is_next(listener, false, word)) {
			fprintf(stderr, "# nobody awaits '%s'\n", word_name(word));
			break;
		}
		speaker->next++;
		listener->next++;
	}
	expect_int(a->n - a->next, 0);
	expect_int(b->n - b->next, 0);
}

static void meet(const struct plan *plan)
{
	struct side host = {}, init = {};

	side_add_stage(&host, &stage_host_prepare, plan);
	side_add_stage(&host, &stage_host_attend, plan);
	if (!plan->is_exec)
		side_add(&host, true, WORD_START); /* the starter speaks for the host */
	side_add_stage(&init, &stage_enter, plan);
	if (!plan->is_exec) {
		side_add_stage(&init, &stage_before_pivot, plan);
		side_add_stage(&init, &stage_after_pivot, plan);
	}
	side_add_stage(&init, &stage_before_exec, plan);
	play(&host, &init);
}

TEST(both_sides_agree_on_every_word_for_every_kind_of_plan)
{
	static const struct plan_hook hook = { .path = "/bin/true" };
	static const struct plan_net_device device = { "eth0", "eth0", "test" };

	for (unsigned kind = 0; kind < 1u << 8; kind++) {
		struct plan plan = {};
		plan.is_exec = kind & 1;
		plan.namespaces.of[NAMESPACE_USER].mode = (kind & 2) ? NAMESPACE_NEW
								     : NAMESPACE_INHERIT;
		if (kind & 4)
			plan.namespaces.of[NAMESPACE_USER].mode = NAMESPACE_JOIN;
		plan.filesystem.is_active = plan.landlock.is_active = kind & 8;
		plan.process.terminal = kind & 16;
		plan.cgroup.manager = (kind & 32) ? CGROUP_SYSTEMD : CGROUP_FILESYSTEM;
		if (kind & 64) {
			plan.hooks.of[HOOK_CREATE_RUNTIME].items =
				(struct plan_hook *)(uintptr_t)&hook;
			plan.hooks.of[HOOK_CREATE_RUNTIME].n = 1;
		}
		if ((kind & 128) && !plan.is_exec) {
			plan.network.devices.items = (struct plan_net_device *)(uintptr_t)&device;
			plan.network.devices.n = 1;
		}
		meet(&plan);
	}
}

static void expect_one_act(const struct stage *stage)
{
	for (const struct step *step = stage->steps; step->name; step++)
		expect_int((step->run != NULL) + (step->await != WORD_NONE) +
				   (step->tell != WORD_NONE),
			   1);
}

TEST(every_step_runs_or_awaits_or_tells_and_nothing_else)
{
	static const struct stage *const all[] = { &stage_host_prepare, &stage_host_attend,
						   &stage_bridge,       &stage_enter,
						   &stage_before_pivot, &stage_after_pivot,
						   &stage_before_exec };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect_one_act(all[i]);
}

static size_t place_of(const char *name)
{
	for (size_t i = 0; stage_before_exec.steps[i].name; i++)
		if (strcmp(stage_before_exec.steps[i].name, name) == 0)
			return i;
	fprintf(stderr, "# no step '%s'\n", name);
	return SIZE_MAX;
}

TEST(rights_are_given_up_in_the_one_order_that_works)
{
	/* CAP_SETPCAP is needed for the bounding set: before the uid. landlock and seccomp need
	 * no_new_privileges; seccomp may forbid all else. */
	static const char *const order[] = { "close-fds", "start",   "bounding-set",
					     "ids",       "caps",    "no-new-privileges",
					     "landlock",  "seccomp", "exec" };

	for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++)
		expect(place_of(order[i - 1]) < place_of(order[i]));
}

static int undone;

static int succeed(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)plan;
	(void)handles;
	(void)err;
	return 0;
}

static int refuse(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)plan;
	(void)handles;
	return fail(err, ERROR_HOST, "no");
}

static void undo_one(const struct plan *plan, struct handles *handles)
{
	(void)plan;
	(void)handles;
	undone = undone * 10 + 1;
}

static void undo_two(const struct plan *plan, struct handles *handles)
{
	(void)plan;
	(void)handles;
	undone = undone * 10 + 2;
}

TEST(a_stage_that_fails_is_undone_backwards_and_names_the_step)
{
	static const struct step steps[] = {
		{ "one", succeed, .undo = undo_one },
		{ "two", succeed, .undo = undo_two },
		{ "three", refuse },
		{ "four", succeed, .undo = undo_one },
		{},
	};
	static const struct stage stage = { "test", steps };
	struct plan plan = {};
	struct handles handles;
	struct error err = {};

	handles_init(&handles, NULL);
	undone = 0;
	expect_fail(stage_run(&stage, &plan, &handles, &err), &err, "test/three: no");
	expect_int(undone, 21);
}

TEST(an_error_crosses_the_link_whole)
{
	struct error sent = { .kind = ERROR_POLICY,
			      .sys_errno = 13,
			      .step = "before-exec/landlock",
			      .field = "policy filesystem",
			      .text = "x" };
	struct error got = {};
	int ends[2];

	expect_ok(link_pair(ends, &got), &got);
	link_tell_error(ends[0], &sent);
	expect_int(link_await(ends[1], WORD_GO, NULL, &got), -1);
	expect_int(memcmp(&sent, &got, sizeof(got)), 0);
}

TEST(a_side_that_dies_is_noticed)
{
	struct error err = {};
	int ends[2];

	expect_ok(link_pair(ends, &err), &err);
	(void)fclose(fdopen(ends[0], "r"));
	expect_fail(link_await(ends[1], WORD_GO, NULL, &err), &err, "ended before it said 'go'");
	err = (struct error){};
	expect_ok(link_await_close(ends[1], &err), &err);
}

TEST(a_wrong_word_is_a_bug_and_not_taken)
{
	struct error err = {};
	int ends[2];

	expect_ok(link_pair(ends, &err), &err);
	expect_ok(link_tell(ends[0], WORD_READY, 0, &err), &err);
	expect_fail(link_await(ends[1], WORD_GO, NULL, &err), &err,
		    "expected 'go' on the link, got 'ready'");
}

TEST(a_last_word_is_heard_from_a_side_that_did_not_listen)
{
	struct error sent = {}, got = {};
	int ends[2];

	(void)fail(&sent, ERROR_CONFIG, "it is not there");
	expect_ok(link_pair(ends, &got), &got);
	expect_ok(link_tell(ends[0], WORD_GO, 0, &got), &got);
	link_tell_error(ends[1], &sent);
	(void)close(ends[1]);
	expect_fail(link_await(ends[0], WORD_READY, NULL, &got), &got, "it is not there");
	(void)close(ends[0]);

	expect_ok(link_pair(ends, &got), &got);
	expect_ok(link_tell(ends[0], WORD_START, 0, &got), &got);
	(void)close(ends[1]);
	expect_fail(link_await_close(ends[0], &got), &got, "without listening");
	(void)close(ends[0]);
}
