/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of resctrl, in a directory that a list of mounts says is one. */
#include "apply-child.h"

#include "apply/resctrl.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <sys/stat.h>

struct place {
	struct arena arena;
	struct plan plan;
	struct handles handles;
	struct error err;
	char top[32];
	int root;
};

static void file_make(const struct place *place, const char *path, const char *text)
{
	autofd fd = openat(place->root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	expect(fd >= 0 && write_all(fd, text, strlen(text)) == 0);
}

static const char *file_text(struct place *place, const char *path)
{
	char *text = arena_strdup(&place->arena, "");

	expect_ok(file_read(&place->arena, place->root, path, 4096, &text, NULL, &place->err),
		  &place->err);
	return text;
}

static bool is_there(const struct place *place, const char *path)
{
	return faccessat(place->root, path, F_OK, 0) == 0;
}

/* TYPE: what the list of mounts calls the directory. */
static void place_make(struct place *place, const char *type)
{
	*place = (struct place){ .top = "/tmp/mxc-resctrl-XXXXXX" };
	expect(mkdtemp(place->top));
	place->root = open(place->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(mkdirat(place->root, "self", 0755) == 0);
	expect(mkdirat(place->root, "gold", 0755) == 0);
	expect(mkdirat(place->root, "gold/mon_groups", 0755) == 0);
	file_make(place, "self/mountinfo",
		  arena_printf(&place->arena,
			       "1 0 0:1 / / rw - ext4 /dev/a rw\n"
			       "2 1 0:2 / %s rw,nosuid shared:3 - %s resctrl rw\n",
			       place->top, type));
	file_make(place, "gold/tasks", "");
	file_make(place, "gold/schemata", "    MB:0= 20;1= 70\n    L3:0=07f0;1=001f\n");
	handles_init(&place->handles, &place->arena);
	place->handles.proc = open(place->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->handles.init = 42;
	place->plan.id = "agent";
	place->plan.resctrl = (struct plan_resctrl){ .is_active = true,
						     .group = "gold",
						     .origin = "config.json linux.intelRdt" };
}

static void place_remove(struct place *place)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->top);
	expect_int(system(command), 0);
	(void)close(place->root);
	handles_close(&place->handles);
	arena_free(&place->arena);
}

static void line(struct place *place, const char *text, bool is_compared)
{
	*arena_push(&place->arena,
		    &place->plan.resctrl.lines) = (struct plan_resctrl_line){ text, is_compared,
									      "the schema" };
}

TEST(without_resctrl_a_group_is_refused)
{
	struct place place;
	const char *group, *monitor;

	place_make(&place, "tmpfs");
	expect_int(resctrl_intend(&place.plan, &place.handles, &group, &monitor, &place.err), -1);
	expect_text(place.err.field, "config.json linux.intelRdt");
	place.plan.resctrl.is_active = false;
	expect_int(resctrl_intend(&place.plan, &place.handles, &group, &monitor, &place.err), 0);
	expect_int(resctrl_create(&place.plan, &place.handles, &place.err), 0);
	expect_int(resctrl_join(&place.plan, &place.handles, &place.err), 0);
	place_remove(&place);
}

TEST(a_group_that_is_there_must_have_the_schemas_and_is_not_removed)
{
	struct place place;
	const char *group, *monitor;

	place_make(&place, "resctrl");
	line(&place, "L3:0=7F0", true);
	line(&place, "MB:1=70;0=20", true);
	line(&place, "L2:0=f", false);
	expect_ok(resctrl_intend(&place.plan, &place.handles, &group, &monitor, &place.err),
		  &place.err);
	expect(!group && !monitor);
	expect_ok(resctrl_create(&place.plan, &place.handles, &place.err), &place.err);
	expect(strncmp(file_text(&place, "gold/schemata"), "L2:0=f\n", 7) == 0);
	expect_ok(resctrl_join(&place.plan, &place.handles, &place.err), &place.err);
	expect_text(file_text(&place, "gold/tasks"), "42");
	resctrl_undo(&place.plan, &place.handles);
	expect(is_there(&place, "gold"));

	place.plan.resctrl.lines.n = 0;
	line(&place, "L3:0=7f", true);
	expect_int(resctrl_create(&place.plan, &place.handles, &place.err), -1);
	expect_text(place.err.field, "the schema");
	place_remove(&place);
}

TEST(a_group_is_made_only_for_schemas_or_for_the_container_alone)
{
	struct place place;
	const char *group, *monitor;

	place_make(&place, "resctrl");
	place.plan.resctrl.group = "silver";
	expect_int(resctrl_create(&place.plan, &place.handles, &place.err), -1);
	expect(!is_there(&place, "silver"));
	/* What the kernel refuses leaves no group behind: here, for want of a file. */
	line(&place, "L3:0=f", true);
	place.err = (struct error){};
	expect_int(resctrl_create(&place.plan, &place.handles, &place.err), -1);
	expect_text(place.err.field, "the schema");
	expect(!is_there(&place, "silver"));

	place.plan.resctrl.lines.n = 0;
	place.plan.resctrl.group = "agent";
	place.plan.resctrl.is_own = true;
	expect_ok(resctrl_intend(&place.plan, &place.handles, &group, &monitor, &place.err),
		  &place.err);
	expect_text(group, "agent");
	expect_ok(resctrl_create(&place.plan, &place.handles, &place.err), &place.err);
	expect(is_there(&place, "agent"));
	expect_ok(resctrl_remove(place.handles.proc, group, monitor, &place.err), &place.err);
	expect(!is_there(&place, "agent"));
	place_remove(&place);
}

TEST(a_monitored_container_has_a_group_of_its_own_below)
{
	struct place place;
	const char *group, *monitor;

	place_make(&place, "resctrl");
	place.plan.resctrl.is_monitored = true;
	expect_ok(resctrl_intend(&place.plan, &place.handles, &group, &monitor, &place.err),
		  &place.err);
	expect_text(monitor, "gold/mon_groups/agent");
	expect_ok(resctrl_create(&place.plan, &place.handles, &place.err), &place.err);
	file_make(&place, "gold/mon_groups/agent/tasks", "");
	expect_ok(resctrl_join(&place.plan, &place.handles, &place.err), &place.err);
	expect_text(file_text(&place, "gold/mon_groups/agent/tasks"), "42");
	/* One that is there belongs to another container. */
	expect_int(resctrl_create(&place.plan, &place.handles, &place.err), -1);
	expect(unlinkat(place.root, "gold/mon_groups/agent/tasks", 0) == 0);
	expect_ok(resctrl_remove(place.handles.proc, NULL, monitor, &place.err), &place.err);
	expect(!is_there(&place, "gold/mon_groups/agent"));
	place_remove(&place);
}
