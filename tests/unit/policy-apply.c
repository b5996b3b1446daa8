/* SPDX-License-Identifier: Apache-2.0 */
/* The policy from annotations and profile to the plan: order, replacing, accumulating, refusing. */
#include "base/arena.h"
#include "base/str.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "test.h"

#include <string.h>

static struct arena arena;
static struct error err;

enum { PAIRS = 16 };

/* Key, value, key, value, …, NULL */
static struct string_map annotations(const char *const *pairs)
{
	struct string_map map = { .keys = arena_alloc(&arena, PAIRS * sizeof(*map.keys)),
				  .values = arena_alloc(&arena, PAIRS * sizeof(*map.values)) };
	for (; pairs[2 * map.n]; map.n++) {
		map.keys[map.n] = pairs[2 * map.n];
		map.values[map.n] = pairs[2 * map.n + 1];
	}
	return map;
}
#define ANNOTATIONS(...) annotations((const char *const[]){ __VA_ARGS__, NULL })

static struct plan new_plan(void)
{
	struct plan plan = { .arena = &arena,
			     .id = "box",
			     .process = { .cwd = "/work", .config_cwd = "/work" } };
	plan.namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_NEW;
	plan.cgroup.memory_max = plan.cgroup.memory_swap_max = plan.cgroup.pids_max = UINT64_MAX;
	plan.cgroup.cpu_quota_us = plan.cgroup.cpu_period_us = UINT64_MAX;
	return plan;
}

static int apply(struct plan *plan, const char *profile, struct string_map map)
{
	struct policy_sources sources = { .annotations = &map };
	err = (struct error){};
	if (profile) {
		sources.profile_name = "test";
		sources.profile_text = profile;
		sources.profile_n = strlen(profile);
	}
	return policy_apply(&sources, plan, &err);
}

static const char *rows_text(const struct plan *plan)
{
	static const char *const intents[] = { "ro", "rw", "deny" };
	struct text text = { .arena = &arena };
	text_add(&text, "");
	for (size_t i = 0; i < plan->filesystem.rows.n; i++)
		text_printf(&text, "%s %s (%s)\n", intents[plan->filesystem.rows.items[i].intent],
			    plan->filesystem.rows.items[i].path,
			    plan->filesystem.rows.items[i].origin);
	return text.data;
}

static void expect_rows(const char *profile, struct string_map map, const char *expected)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, profile, map), &err);
	expect_text(rows_text(&plan), expected);
}

static void expect_refused(struct string_map map, const char *part)
{
	struct plan plan = new_plan();
	expect_fail(apply(&plan, NULL, map), &err, part);
	expect_int(err.kind, ERROR_POLICY);
}

static void document_refused(const char *document, const char *part)
{
	expect_refused(ANNOTATIONS("io.mxc.policy", document), part);
}

TEST(an_empty_policy_denies_by_default)
{
	struct plan plan = new_plan();
	plan.caps = (struct plan_caps){ .is_set = true, .bounding = 0xff, .effective = 0xff };
	expect_ok(apply(&plan, NULL, ANNOTATIONS("io.mxc.policy", "{}")), &err);
	expect(plan.filesystem.is_active && plan.filesystem.base == ACCESS_BASE_IMAGE &&
	       plan.filesystem.rows.n == 0);
	expect(plan.filesystem.exec_base && !plan.filesystem.exec_writable &&
	       !plan.filesystem.memfd_exec);
	expect(plan.caps.bounding == 0 && plan.caps.effective == 0 &&
	       plan.process.no_new_privileges);
	expect(plan.network.only_loopback && plan.seccomp.deny_terminal_injection);
	expect_int(plan.seccomp.profile, SYSCALLS_AGENT);
	expect(plan.audit.is_active && plan.audit.is_required &&
	       plan.audit.level == AUDIT_LIFECYCLE);
	expect_text(plan.agent.source, "local");
	expect_text(plan.policy_source, "annotation");
}

TEST(an_identity_alone_is_governed_too)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL, ANNOTATIONS("io.mxc.agent.id", "spiffe://a.org/x")), &err);
	expect(plan.filesystem.is_active && plan.network.only_loopback);
	expect_text(plan.agent.id, "spiffe://a.org/x");
	expect_text(plan.agent.source, "asserted");
}

TEST(a_later_source_replaces_lists)
{
	expect_rows("{\"filesystem\":{\"readwritePaths\":[\"/a\",\"/b\"]}}",
		    ANNOTATIONS("io.mxc.policy", "{\"filesystem\":{\"readwritePaths\":[\"/c\"]}}"),
		    "rw /c (policy filesystem.readwritePaths[0])\n");
	expect_rows("{\"filesystem\":{\"readwritePaths\":[\"/a\"]}}",
		    ANNOTATIONS("io.mxc.policy", "{\"filesystem\":{\"readwritePaths\":[\"/c\"]}}",
				"io.mxc.filesystem.readwritePaths", "/d,/e"),
		    "rw /d (annotation io.mxc.filesystem.readwritePaths)\n"
		    "rw /e (annotation io.mxc.filesystem.readwritePaths)\n");
	expect_rows("{\"filesystem\":{\"readwritePaths\":[\"/a\"]}}",
		    ANNOTATIONS("io.mxc.filesystem.readwritePaths", ""), "");
}

TEST(denied_paths_accumulate)
{
	expect_rows("{\"filesystem\":{\"deniedPaths\":[\"/a\"]}}",
		    ANNOTATIONS("io.mxc.policy", "{\"filesystem\":{\"deniedPaths\":[\"/b\"]}}",
				"io.mxc.filesystem.deniedPaths", "[\"/c\"]"),
		    "deny /a (profile test filesystem.deniedPaths[0])\n"
		    "deny /b (policy filesystem.deniedPaths[0])\n"
		    "deny /c (annotation io.mxc.filesystem.deniedPaths)\n");
}

TEST(paths_are_normal_and_may_be_optional_and_of_the_workspace)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.filesystem.readwritePaths",
				    "-//a/./b/,@workspace,-@workspace/x")),
		  &err);
	const struct plan_access *rows = plan.filesystem.rows.items;
	expect_text(rows[0].path, "/a/b");
	expect(rows[0].is_optional && rows[0].is_directory);
	expect_text(rows[1].path, "/work");
	expect(!rows[1].is_optional && !rows[1].is_directory);
	expect_text(rows[2].path, "/work/x");
	expect(rows[2].is_optional);
}

TEST(the_workspace_is_config_jsons_even_in_an_exec)
{
	struct plan plan = new_plan();
	plan.is_exec = true;
	plan.process.cwd = "/etc";
	expect_ok(apply(&plan, NULL, ANNOTATIONS("io.mxc.filesystem.readwritePaths", "@workspace")),
		  &err);
	expect_text(plan.filesystem.rows.items[0].path, "/work");
}

TEST(the_workspace_can_be_said_and_is_never_the_root)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.filesystem.readwritePaths", "@workspace",
				    "io.mxc.workspace", "/src/")),
		  &err);
	expect_text(plan.filesystem.rows.items[0].path, "/src");

	struct plan root = new_plan();
	root.process.config_cwd = "/";
	expect_fail(apply(&root, NULL,
			  ANNOTATIONS("io.mxc.filesystem.readwritePaths", "@workspace")),
		    &err,
		    "the workspace is '/' (config.json process.cwd) (annotation io.mxc.filesystem");
	expect_refused(ANNOTATIONS("io.mxc.workspace", "src"),
		       "'src' is not absolute (annotation io.mxc.workspace)");
}

TEST(wrong_paths_name_their_field)
{
	document_refused("{\"filesystem\":{\"readonlyPaths\":[\"/a\",\"b\"]}}",
			 "'b' is not absolute (policy filesystem.readonlyPaths[1])");
	document_refused("{\"filesystem\":{\"readonlyPaths\":[\"/a/../b\"]}}",
			 "contains '..' (policy filesystem.readonlyPaths[0])");
	document_refused("{\"filesystem\":{\"readonlyPaths\":[\"\"]}}",
			 "empty (policy filesystem.readonlyPaths[0])");
	document_refused("{\"filesystem\":{\"readonlyPaths\":[\"@home/x\"]}}",
			 "unknown '@home' (policy filesystem.readonlyPaths[0])");
	document_refused("{\"filesystem\":{\"readonlyPaths\":[7]}}",
			 "expected string, found number");
	document_refused("{\"filesystem\":{\"deniedPaths\":[\"/\"]}}", "'/' cannot be denied");
	expect_refused(ANNOTATIONS("io.mxc.filesystem.readwritePaths", "/a,,/b"), "empty");
}

TEST(kernel_trees_stay_read_only_unless_named)
{
	expect_rows(NULL, ANNOTATIONS("io.mxc.filesystem.readwritePaths", "/"),
		    "rw / (annotation io.mxc.filesystem.readwritePaths)\n"
		    "ro /proc (annotation io.mxc.filesystem.readwritePaths)\n"
		    "ro /sys (annotation io.mxc.filesystem.readwritePaths)\n");
	expect_rows(NULL, ANNOTATIONS("io.mxc.filesystem.readwritePaths", "/proc/sys/net"),
		    "rw /proc/sys/net (annotation io.mxc.filesystem.readwritePaths)\n");
}

TEST(unknown_keys_are_refused_with_the_nearest)
{
	document_refused("{\"filesytem\":{}}",
			 "unknown key 'filesytem' (policy filesytem); did you mean 'filesystem'?");
	document_refused("{\"filesystem\":{\"readOnlyPaths\":[]}}",
			 "did you mean 'readonlyPaths'?");
	expect_refused(
		ANNOTATIONS("io.mxc.filesytem.base", "none"),
		"(annotation io.mxc.filesytem.base); did you mean 'io.mxc.filesystem.base'?");
	expect_refused(ANNOTATIONS("io.mxc.filesystem.readonlyPath", "/a"),
		       "did you mean 'io.mxc.filesystem.readonlyPaths'");
	expect_refused(ANNOTATIONS("io.mxc.filesystem.base.x", "/a"),
		       "'base' has no fields of its own");
	expect_refused(ANNOTATIONS("io.mxc.polic", "{}"), "did you mean 'io.mxc.policy'");
	expect_refused(ANNOTATIONS("io.mxc.", "{}"), "unknown annotation");
	expect_refused(ANNOTATIONS("io.mxc.version", "0.8"), "unknown annotation");
}

TEST(broken_json_is_refused)
{
	document_refused("{", "policy");
	document_refused("{\"filesystem\":{},\"filesystem\":{}}", "filesystem");
	document_refused("[]", "expected object, found array (annotation io.mxc.policy)");
	document_refused("{\"filesystem\":[]}", "expected object, found array (policy filesystem)");
	expect_refused(ANNOTATIONS("io.mxc.filesystem.readonlyPaths", "[\"/a\""),
		       "annotation io.mxc.filesystem.readonlyPaths");
	expect_refused(ANNOTATIONS("io.mxc.process.timeout", "soon"),
		       "expected a number, found 'soon'");
}

TEST(null_is_as_if_it_were_not_there)
{
	expect_rows(
		NULL,
		ANNOTATIONS("io.mxc.policy",
			    "{\"filesystem\":null,\"network\":{\"egress\":null},\"version\":null}"),
		"");
}

TEST(versions_are_bounded)
{
	static const char *const good[] = { "0.6", "0.7.0-alpha", "0.8.1", "0.9", "1.0.0" };
	static const struct {
		const char *version, *part;
	} bad[] = {
		{ "0.5", "older than supported" },
		{ "0.10", "newer than supported" },
		{ "1.0.1", "newer than supported" },
		{ "2.0", "newer than supported" },
		{ "1.0", "newer than supported" },
		{ "x", "is no version" },
		{ "0.8.", "is no version" },
		{ "0.8x", "is no version" },
		{ "", "empty" },
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct plan plan = new_plan();
		expect_ok(apply(&plan, NULL,
				ANNOTATIONS("io.mxc.policy",
					    arena_printf(&arena, "{\"version\":\"%s\"}", good[i]))),
			  &err);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		document_refused(arena_printf(&arena, "{\"version\":\"%s\"}", bad[i].version),
				 bad[i].part);
}

TEST(fields_without_work_are_accepted_and_others_refused)
{
	struct plan plan = new_plan();
	expect_ok(
		apply(&plan, NULL,
		      ANNOTATIONS("io.mxc.policy",
				  "{\"$schema\":\"x\",\"_comment\":[1],\"containerId\":\"box\","
				  "\"containment\":\"lxc\","
				  "\"lifecycle\":{\"destroyOnExit\":true,\"preservePolicy\":false},"
				  "\"fallback\":{\"allowDaclMutation\":true},"
				  "\"telemetry\":{\"enabled\":false}}")),
		&err);
	document_refused("{\"containerId\":\"other\"}",
			 "the policy is for 'other', this container is 'box'");
	document_refused("{\"containment\":\"seatbelt\"}", "a container is no 'seatbelt'");
	expect_text(error_code(&err), "unsupported_containment");
	document_refused("{\"lifecycle\":{\"destroyOnExit\":false}}",
			 "policy lifecycle.destroyOnExit");
	document_refused("{\"lifecycle\":{\"preservePolicy\":true}}",
			 "policy lifecycle.preservePolicy");
	document_refused("{\"telemetry\":{\"enabled\":true}}", "policy telemetry.enabled");
	document_refused("{\"phase\":\"start\"}", "the OCI verbs are the life cycle");
	document_refused("{\"processContainer\":{}}", "a section of another backend");
	document_refused("{\"process\":{\"commandLine\":\"sh\"}}", "config.json's process governs");
}

TEST(the_timeout_is_in_milliseconds)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL, ANNOTATIONS("io.mxc.process.timeout", "4294967295")), &err);
	expect_int(plan.timeout_ms, 4294967295);
	expect_refused(ANNOTATIONS("io.mxc.process.timeout", "4294967296"),
		       "annotation io.mxc.process.timeout");
	expect_refused(ANNOTATIONS("io.mxc.process.timeout", "-1"),
		       "annotation io.mxc.process.timeout");
}

TEST(of_the_network_only_nothing_is_kept)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.network.egress.default", "deny",
				    "io.mxc.network.ingress.hostLoopback", "deny",
				    "io.mxc.network.egress.allow", "[]")),
		  &err);
	expect_text(plan.network.origin, "annotation io.mxc.network.egress.default");
	expect_refused(ANNOTATIONS("io.mxc.network.egress.default", "allow"),
		       "not built in this version");
	expect_refused(ANNOTATIONS("io.mxc.network.egress.default", "denied"),
		       "write one of 'deny', 'allow'");
	document_refused("{\"network\":{\"egress\":{\"allow\":[{}]}}}",
			 "(policy network.egress.allow)");
	document_refused("{\"network\":{\"allowedHosts\":[\"a\"]}}",
			 "(policy network.allowedHosts)");
	document_refused("{\"network\":{\"allowLocalNetwork\":true}}",
			 "(policy network.allowLocalNetwork)");
	document_refused("{\"network\":{\"defaultPolicy\":\"allow\"}}",
			 "(policy network.defaultPolicy)");
	document_refused("{\"network\":{\"proxy\":{\"localhost\":1}}}", "(policy network.proxy)");
	document_refused("{\"runtimeConfig\":{\"networkProxy\":\"http://x\"}}",
			 "(policy runtimeConfig.networkProxy)");
}

TEST(the_shapes_of_the_network_section_are_not_mixed)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS(
				"io.mxc.policy",
				"{\"version\":\"0.7\",\"network\":{\"defaultPolicy\":\"block\"}}")),
		  &err);
	document_refused("{\"network\":{\"defaultPolicy\":\"block\",\"egress\":{}}}",
			 "mixed (policy network)");
	document_refused("{\"version\":\"0.7\",\"network\":{\"egress\":{}}}", "need version 0.8");
	document_refused("{\"version\":\"1.0.0\",\"network\":{\"defaultPolicy\":\"block\"}}",
			 "only the directional shape");
}

TEST(ui_and_levels_that_are_not_built_are_refused)
{
	document_refused("{\"ui\":{\"disable\":true}}",
			 "ui is not built in this version (policy ui.disable)");
	expect_refused(ANNOTATIONS("io.mxc.audit.level", "denials"), "needs the collector");
	expect_refused(ANNOTATIONS("io.mxc.policy.jws", "x.y.z"), "signed policies are not built");
	expect_refused(ANNOTATIONS("io.mxc.identity.token-file", "x"),
		       "verified identity is not built");
	expect_refused(ANNOTATIONS("io.mxc.mode", "audit"), "always enforced");
	expect_refused(ANNOTATIONS("io.mxc.landlock", "off"), "Landlock");
}

TEST(capabilities_that_undo_other_promises_are_refused)
{
	expect_refused(ANNOTATIONS("io.mxc.capabilities.allow", "CAP_NET_RAW"),
		       "get around the policy's network section");
	expect_refused(ANNOTATIONS("io.mxc.capabilities.allow", "CAP_CHWN"),
		       "did you mean 'CAP_CHOWN'?");
	expect_refused(ANNOTATIONS("io.mxc.capabilities.allow", "CAP_DAC_OVERRIDE",
				   "io.mxc.filesystem.deniedPaths", "/x"),
		       "CAP_DAC_OVERRIDE would open '/x', which is denied");
	struct plan plan = new_plan();
	plan.caps = (struct plan_caps){ .is_set = true, .bounding = 0xff };
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.capabilities.allow", "CAP_DAC_OVERRIDE,CAP_CHOWN")),
		  &err);
	expect_int(plan.caps.bounding, 3);
}

TEST(resources_are_read_as_sizes_and_numbers)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.policy",
				    "{\"resources\":{\"memory\":\"512M\",\"swap\":0,"
				    "\"cpus\":1.5,\"pids\":100,"
				    "\"io\":[\"8:0 rbps=1M riops=10\"]}}")),
		  &err);
	expect_int(plan.cgroup.memory_max, 512 << 20);
	expect_int(plan.cgroup.memory_swap_max, 0);
	expect_int(plan.cgroup.cpu_quota_us, 150000);
	expect_int(plan.cgroup.pids_max, 100);
	expect_int(plan.cgroup.values.n, 6);
	expect_text(plan.cgroup.values.items[4].value, "8:0 rbps=1048576");

	expect_refused(ANNOTATIONS("io.mxc.resources.memory", "much"), "'much' is no size");
	expect_refused(ANNOTATIONS("io.mxc.resources.memory", "0"), "is no size");
	expect_refused(ANNOTATIONS("io.mxc.resources.cpus", "0"), "is no number of CPUs");
	expect_refused(ANNOTATIONS("io.mxc.resources.cpus", "1e3"), "is no number of CPUs");
	expect_refused(ANNOTATIONS("io.mxc.resources.pids", "0"), "is no number of processes");
	expect_refused(ANNOTATIONS("io.mxc.resources.io", "sda rbps=1"),
		       "is no limit of a block device");
	expect_refused(ANNOTATIONS("io.mxc.resources.io", "8:0"), "is no limit of a block device");
	expect_refused(ANNOTATIONS("io.mxc.resources.io", "8:0 rbps=0"),
		       "is no limit of a block device");
}

TEST(an_exec_takes_no_limits_and_no_clock)
{
	struct plan plan = new_plan();
	plan.is_exec = true;
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.resources.memory", "512M", "io.mxc.process.timeout",
				    "5")),
		  &err);
	expect_int(plan.cgroup.values.n, 0);
	expect_int(plan.timeout_ms, 0);
}

TEST(syscalls_are_refined_by_known_names)
{
	struct plan plan = new_plan();
	expect_ok(apply(&plan, NULL,
			ANNOTATIONS("io.mxc.syscalls.profile", "strict", "io.mxc.syscalls.deny",
				    "ptrace,kill")),
		  &err);
	expect_int(plan.seccomp.profile, SYSCALLS_STRICT);
	expect_int(plan.seccomp.deny.n, 2);
	expect_refused(ANNOTATIONS("io.mxc.syscalls.deny", "ptrac"), "did you mean 'ptrace'?");
	expect_refused(ANNOTATIONS("io.mxc.syscalls.profile", "none", "io.mxc.syscalls.deny",
				   "kill"),
		       "nothing to refine");
}

TEST(exec_paths_take_the_place_of_the_default)
{
	struct plan plan = new_plan();
	expect_ok(
		apply(&plan, NULL,
		      ANNOTATIONS("io.mxc.exec.paths", "@rw,-/opt/x", "io.mxc.exec.memfd", "true")),
		&err);
	expect(!plan.filesystem.exec_base && plan.filesystem.exec_writable &&
	       plan.filesystem.memfd_exec);
	expect_text(plan.filesystem.exec_paths.items[0].path, "/opt/x");
	expect(plan.filesystem.exec_paths.items[0].is_optional);
	expect_refused(ANNOTATIONS("io.mxc.exec.paths", "@all"), "unknown '@all'");
	expect_refused(ANNOTATIONS("io.mxc.exec.memfd", "yes"),
		       "expected true or false, found 'yes'");
}

TEST(agent_texts_are_bounded_and_printable)
{
	struct plan plan = new_plan();
	expect_ok(
		apply(&plan, NULL,
		      ANNOTATIONS("io.mxc.agent.name", "true", "io.mxc.agent.session", "\"a b\"")),
		&err);
	expect_text(plan.agent.name, "true");
	expect_text(plan.agent.session, "a b");
	expect_refused(ANNOTATIONS("io.mxc.agent.name", "a\nb"), "control character");
	char *name = arena_alloc(&arena, 258);
	memset(name, 'x', 257);
	expect_refused(ANNOTATIONS("io.mxc.agent.name", name), "longer than 256 bytes");
	expect_refused(ANNOTATIONS("io.mxc.agent.id", "root"), "is no agent id");
	expect_text(error_code(&err), "malformed_id");
}

TEST(a_container_of_a_pod_has_fields_of_its_own)
{
#define NAMED "io.kubernetes.cri.container-name", "web"
	expect_rows(NULL,
		    ANNOTATIONS(NAMED, "io.mxc.filesystem.readwritePaths", "/a",
				"io.mxc.container.web.filesystem.readwritePaths", "/b",
				"io.mxc.container.db.filesystem.readwritePaths", "/c"),
		    "rw /b (annotation io.mxc.container.web.filesystem.readwritePaths)\n");
	expect_rows(
		NULL,
		ANNOTATIONS(NAMED, "io.mxc.container.web.policy",
			    "{\"filesystem\":{\"readwritePaths\":[\"/b\"]}}"),
		"rw /b (annotation io.mxc.container.web.policy filesystem.readwritePaths[0])\n");
	expect_refused(ANNOTATIONS(NAMED, "io.mxc.container.web.filesystem.x", "/b"),
		       "unknown annotation");
	expect_refused(ANNOTATIONS(NAMED, "io.mxc.container.web", "/b"),
		       "no container and field are named");
	expect_refused(ANNOTATIONS("io.mxc.container.web.filesystem.readwritePaths", "/b"),
		       "does not say which container");
}

TEST(the_wanted_profile_follows_the_container)
{
	const char *name;
	struct string_map map = ANNOTATIONS("io.mxc.profile", "coding");
	expect_ok(policy_profile_wanted(&map, "default", &name, &err), &err);
	expect_text(name, "coding");
	map = ANNOTATIONS("io.kubernetes.container.name", "a", "io.mxc.profile", "coding",
			  "io.mxc.container.a.profile", "mine");
	expect_ok(policy_profile_wanted(&map, NULL, &name, &err), &err);
	expect_text(name, "mine");
	map = ANNOTATIONS("io.mxc.profile", "coding", "io.kubernetes.cri.container-type",
			  "sandbox");
	expect_ok(policy_profile_wanted(&map, NULL, &name, &err), &err);
	expect_text(name, "pause");
	map = ANNOTATIONS("other", "x", "io.kubernetes.cri-o.ContainerType", "sandbox");
	expect_ok(policy_profile_wanted(&map, NULL, &name, &err), &err);
	expect_text(name, NULL);
	map = ANNOTATIONS("other", "x");
	expect_ok(policy_profile_wanted(&map, "default", &name, &err), &err);
	expect_text(name, "default");
	map = ANNOTATIONS("io.mxc.policy", "{}");
	expect_ok(policy_profile_wanted(&map, "default", &name, &err), &err);
	expect_text(name, NULL);
	map = ANNOTATIONS("io.mxc.profile", "../../etc/x");
	expect_fail(policy_profile_wanted(&map, NULL, &name, &err), &err,
		    "is no name of a profile (annotation io.mxc.profile)");
}

TEST(the_agents_keys_are_not_the_pause_containers)
{
	struct plan plan = new_plan();
	struct string_map map = ANNOTATIONS("io.mxc.filesystem.readwritePaths", "/a",
					    "io.kubernetes.cri.container-type", "sandbox");
	struct policy_sources sources = {
		.annotations = &map, .profile_name = "pause", .profile_text = "{}", .profile_n = 2
	};
	expect_ok(policy_apply(&sources, &plan, &err), &err);
	expect_int(plan.filesystem.rows.n, 0);
	expect_text(plan.profile, "pause");
	expect_text(plan.policy_source, "profile");
}

TEST(a_profile_that_was_not_read_is_never_left_out)
{
	struct plan plan = new_plan();
	expect_fail(apply(&plan, NULL, ANNOTATIONS("io.mxc.profile", "coding")), &err,
		    "asked for, but not read");
}

TEST(equal_requests_have_equal_digests)
{
	struct plan one = new_plan(), two = new_plan(), other = new_plan();
	expect_ok(apply(&one, NULL,
			ANNOTATIONS("io.mxc.policy",
				    "{\"process\":{\"timeout\":5},"
				    "\"filesystem\":{\"deniedPaths\":[\"/a\",\"/b\"]}}")),
		  &err);
	expect_ok(apply(&two, "{\"_comment\":\"x\",\"filesystem\":{\"deniedPaths\":[\"/a\"]}}",
			ANNOTATIONS("io.mxc.filesystem.deniedPaths", "/b", "io.mxc.process.timeout",
				    "5")),
		  &err);
	expect_ok(apply(&other, NULL,
			ANNOTATIONS("io.mxc.policy",
				    "{\"process\":{\"timeout\":6},"
				    "\"filesystem\":{\"deniedPaths\":[\"/a\",\"/b\"]}}")),
		  &err);
	expect_int(strlen(one.policy_sha256), 64);
	expect_text(one.policy_sha256, two.policy_sha256);
	expect(strcmp(one.policy_sha256, other.policy_sha256) != 0);
}

TEST(asking_is_by_any_key_of_ours)
{
	struct string_map none = ANNOTATIONS("org.example", "x", "io.mxcx.y", "z"),
			  some = ANNOTATIONS("io.mxc.agent.name", "x");
	expect(!policy_is_asked(&(struct policy_sources){ .annotations = &none }));
	expect(policy_is_asked(&(struct policy_sources){ .annotations = &some }));
	expect(policy_is_asked(
		&(struct policy_sources){ .annotations = &none, .profile_name = "coding" }));
	expect(!policy_is_asked(&(struct policy_sources){}));
}
