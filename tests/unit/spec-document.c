/* SPDX-License-Identifier: Apache-2.0 */
/* config.json: versions, annotations, the default document, and every mount option of the
 * specification. */
#include "test.h"

#include "base/str.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <string.h>
#include <sys/mount.h>

static const struct spec_request request = { .id = "box", .bundle = "/bundle" };

static int lower(struct arena *arena, const char *config, struct plan **ret_plan, struct error *err)
{
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	const struct spec *spec;

	plan->arena = arena;
	TRY(spec_read(arena, "config.json", config, strlen(config), &spec, err));
	TRY(spec_lower(spec, &request, plan, err));
	*ret_plan = plan;
	return 0;
}

/* A small container with MEMBERS added to the document. */
static const char *container(struct arena *arena, const char *version, const char *members)
{
	return arena_printf(
		arena,
		"{\"ociVersion\":\"%s\",\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":"
		"[{\"type\":\"mount\"}]}%s}",
		version, members);
}

TEST(versions_of_our_major_number_are_read)
{
	static const char *const good[] = { "1.0.0",     "1.3.0",     "1.0.2-dev",
					    "1.0.0-rc5", "1.2.1+dev", "1.0.0-rc.1+b.2" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		autoarena arena = {};
		struct error err = {};
		struct plan *plan;
		expect_ok(lower(&arena, container(&arena, good[i], ""), &plan, &err), &err);
		expect_text(plan->oci_version, good[i]);
	}
}

TEST(other_versions_are_refused)
{
	static const char *const bad[] = { "",      "1",      "1.0",    "2.0.0", "0.9",
					   "1.0.x", "1.0.0 ", "v1.0.0", "1..0",  "1.0.0_a" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		autoarena arena = {};
		struct error err = {};
		struct plan *plan;
		expect_fail(lower(&arena, container(&arena, bad[i], ""), &plan, &err), &err,
			    "config.json ociVersion");
	}
}

TEST(annotations_are_sorted_by_key)
{
	autoarena arena = {};
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena,
			container(&arena, "1.0.0",
				  ",\"annotations\":{\"b\":\"2\",\"a\":\"1\",\"a.c\":\"\"}"),
			&plan, &err),
		  &err);
	expect_text(plan->annotations[0], "a");
	expect_text(plan->annotations[1], "1");
	expect_text(plan->annotations[2], "a.c");
	expect_text(plan->annotations[4], "b");
	expect_text(plan->annotations[6], NULL);
}

TEST(an_annotation_without_a_key_is_refused)
{
	autoarena arena = {};
	struct error err = {};
	struct plan *plan;

	expect_fail(lower(&arena, container(&arena, "1.0.0", ",\"annotations\":{\"\":\"2\"}"),
			  &plan, &err),
		    &err, "empty key");
}

TEST(a_container_without_process_has_none)
{
	autoarena arena = {};
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, container(&arena, "1.0.0", ""), &plan, &err), &err);
	expect(plan->process.args == NULL);
}

static void default_check(bool rootless, size_t namespaces, enum namespace_mode network)
{
	autoarena arena = {};
	struct text config = { .arena = &arena };
	struct error err = {};
	struct plan *plan;
	size_t n = 0;

	spec_print_default(rootless, 1000, 1001, &config);
	expect_ok(lower(&arena, config.data, &plan, &err), &err);
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		n += plan->namespaces.of[kind].mode == NAMESPACE_NEW;
	expect_int(n, namespaces);
	expect_int(plan->namespaces.of[NAMESPACE_NETWORK].mode, network);
	expect_text(plan->process.args[0], "sh");
	expect(plan->process.terminal && plan->process.no_new_privileges &&
	       plan->mounts.root_read_only);
	expect_text(plan->mounts.root, "/bundle/rootfs");
}

TEST(the_default_document_is_a_container_of_its_own)
{
	default_check(false, 6, NAMESPACE_NEW);
}

TEST(the_default_document_of_a_user_maps_the_user)
{
	autoarena arena = {};
	struct text config = { .arena = &arena };
	struct error err = {};
	struct plan *plan;

	default_check(true, 6, NAMESPACE_INHERIT);
	spec_print_default(true, 1000, 1001, &config);
	expect_ok(lower(&arena, config.data, &plan, &err), &err);
	expect_int(plan->ids.uid_maps.rows.items[0].host, 1000);
	expect_int(plan->ids.gid_maps.rows.items[0].host, 1001);
	expect_int(plan->cgroup.values.n, 0);
}

/* The words of config.md, the table of Linux mount options. */
static const char *const specified[] = {
	"async",          "atime",      "bind",         "defaults",    "dev",
	"diratime",       "dirsync",    "exec",         "iversion",    "lazytime",
	"loud",           "mand",       "noatime",      "nodev",       "nodiratime",
	"noexec",         "noiversion", "nolazytime",   "nomand",      "norelatime",
	"nostrictatime",  "nosuid",     "nosymfollow",  "private",     "ratime",
	"rbind",          "rdev",       "rdiratime",    "relatime",    "remount",
	"rexec",          "rnoatime",   "rnodiratime",  "rnoexec",     "rnorelatime",
	"rnostrictatime", "rnosuid",    "rnosymfollow", "ro",          "rprivate",
	"rrelatime",      "rro",        "rrw",          "rshared",     "rslave",
	"rstrictatime",   "rsuid",      "rsymfollow",   "runbindable", "rw",
	"shared",         "silent",     "slave",        "strictatime", "suid",
	"symfollow",      "sync",       "tmpcopyup",    "unbindable",  "idmap",
	"ridmap",
};

TEST(every_mount_option_of_the_specification_is_known)
{
	for (size_t i = 0; i < sizeof(specified) / sizeof(specified[0]); i++) {
		size_t row = 0;
		while (spec_mount_option(row) && !str_equal(spec_mount_option(row), specified[i]))
			row++;
		expect_text(spec_mount_option(row), specified[i]);
	}
}

static const struct plan_mount *mount_lower(struct arena *arena, const char *options)
{
	const char *members = arena_printf(
		arena,
		",\"mounts\":[{\"destination\":\"/x\",\"source\":\"/y\",\"type\":\"tmpfs\","
		"\"options\":%s}]",
		options);
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(arena, container(arena, "1.0.0", members), &plan, &err), &err);
	expect_int(plan->mounts.rows.n, 1);
	return &plan->mounts.rows.items[0];
}

TEST(a_later_option_takes_back_an_earlier_one)
{
	autoarena arena = {};
	const struct plan_mount *mount = mount_lower(
		&arena, "[\"bind\",\"ro\",\"nosuid\",\"rw\",\"noatime\",\"strictatime\"]");

	expect_int(mount->kind, PLAN_MOUNT_BIND);
	expect_int(mount->set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
	expect_int(mount->clear, MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME);
}

TEST(recursive_options_are_kept_apart_from_those_of_the_mount)
{
	autoarena arena = {};
	const struct plan_mount *mount = mount_lower(&arena,
						     "[\"rbind\",\"nodev\",\"rro\",\"rslave\"]");

	expect(mount->is_recursive);
	expect_int(mount->set, MOUNT_ATTR_NODEV);
	expect_int(mount->set_recursive, MOUNT_ATTR_RDONLY);
	expect_int(mount->propagation, MS_SLAVE | MS_REC);
}

TEST(unknown_options_go_to_the_file_system)
{
	autoarena arena = {};
	const struct plan_mount *mount = mount_lower(
		&arena, "[\"size=1m\",\"noswap\",\"sync\",\"mode=700\"]");

	expect_int(mount->kind, PLAN_MOUNT_FILESYSTEM);
	expect_text(mount->data[0], "size=1m");
	expect_text(mount->data[1], "mode=700");
	expect_text(mount->data[2], NULL);
	expect_text(mount->superblock[0], "noswap");
	expect_text(mount->superblock[1], "sync");
	expect_text(mount->superblock[2], NULL);
}
