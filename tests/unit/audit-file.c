/* SPDX-License-Identifier: Apache-2.0 */
/* The audit file under bad conditions: many writers, torn ends, full disks, traps. */
#include "apply-child.h"
#include "audit-chain.h"

#include <errno.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>

TEST(the_first_record_begins_the_chain_in_a_file_of_mode_0640)
{
	struct chain chain;
	struct stat st;
	mode_t mask = umask(022);
	chain_begin(&chain);
	chain_grow(&chain, 1);
	expect_contains(chain_text(&chain),
			"\",\"seq\":1,\"prev\":\"00000000000000000000000000000000000000000000000000"
			"00000000000000\",\"event\":\"container.start\",");
	expect_int(stat(chain.config.file, &st), 0);
	expect_int(st.st_mode & 07777, 0640);
	(void)umask(mask);
	chain_end(&chain);
}

TEST(missing_directories_are_made)
{
	struct chain chain;
	chain_begin(&chain);
	chain.config.file = arena_printf(&chain.arena, "%s/a/b/audit.jsonl", chain.directory);
	chain_grow(&chain, 2);
	expect_verdict(&chain, 0, "intact, 2 records");
	expect_int(unlink(chain.config.file), 0);
	expect_int(rmdir(arena_printf(&chain.arena, "%s/a/b", chain.directory)), 0);
	expect_int(rmdir(arena_printf(&chain.arena, "%s/a", chain.directory)), 0);
	chain_end(&chain);
}

TEST(fifty_writers_at_once_make_one_chain)
{
	enum { WRITERS = 50, EVENTS = 4 };
	struct chain chain;
	pid_t pids[WRITERS];
	chain_begin(&chain);
	for (size_t i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		int failed = 0;
		for (int k = 0; k < EVENTS; k++)
			failed |= chain_emit(&chain, "many") < 0;
		_exit(failed);
	}
	for (size_t i = 0; i < WRITERS; i++) {
		int status = -1;
		expect_int(waitpid(pids[i], &status, 0), pids[i]);
		expect_int(status, 0);
	}
	expect_verdict(&chain, 0, "intact, 200 records");
	chain_end(&chain);
}

TEST(a_torn_end_is_kept_and_a_gap_says_so)
{
	static const struct {
		const char *bytes;
		size_t n;
	} torn[] = {
		{ "{\"v\":1,\"ti", 10 },
		{ "\0\0\0\0\0\0", 6 }, /* what file systems leave after a power cut */
		{ "{\"v\":1,\"a\":{}", 13 },
		{ "half\n{\"v\":1,\"time\":\"20", 22 }, /* a gap that was cut off itself */
		{ "half\n", 5 },
	};
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		struct chain chain;
		chain_begin(&chain);
		chain_grow(&chain, 2);
		chain_put(&chain, torn[i].bytes, torn[i].n, O_APPEND);
		chain_grow(&chain, 1);
		expect_verdict(&chain, 0, "intact, 4 records, 1 of them a gap after a torn line");
		chain_grow(&chain, 1);
		expect_verdict(&chain, 0, "intact, 5 records, 1 of them a gap after a torn line");
		chain_end(&chain);
	}
}

TEST(a_first_record_that_is_torn_does_not_stop_the_chain)
{
	struct chain chain;
	chain_begin(&chain);
	chain_put(&chain, "{\"v\":1,\"tim", 11, 0);
	chain_grow(&chain, 1);
	expect_verdict(&chain, 0, "intact, 2 records, 1 of them a gap after a torn line");
	expect_contains(chain_text(&chain), "\"event\":\"audit.gap\",\"outcome\":\"failure\","
					    "\"torn_bytes\":11,\"torn_sha256\":\"");
	chain_end(&chain);
}

TEST(a_record_that_lacks_only_its_newline_is_whole)
{
	struct chain chain;
	chain_begin(&chain);
	chain_grow(&chain, 2);
	char *text = chain_text(&chain);
	chain_put(&chain, text, strlen(text) - 1, O_TRUNC);
	chain_grow(&chain, 1);
	expect_verdict(&chain, 0, "intact, 3 records");
	chain_end(&chain);
}

TEST(a_record_after_a_huge_one_finds_its_predecessor)
{
	struct chain chain;
	chain_begin(&chain);
	char *id = arena_alloc(&chain.arena, 700001);
	memset(id, 'x', 700000);
	expect_ok(chain_emit(&chain, id), &chain.err);
	chain_grow(&chain, 1);
	expect_verdict(&chain, 0, "intact, 2 records");
	chain_end(&chain);
}

TEST(an_argv_without_end_is_cut_from_its_event)
{
	struct chain chain;
	chain_begin(&chain);
	char *extra = arena_alloc(&chain.arena, (2 << 20) + 10);
	memset(extra, 'x', 2 << 20);
	memcpy(extra, "\"argv\":\"", 8);
	memcpy(extra + (2 << 20), "\"", 2);
	struct audit_event event = { .event = "container.exec", .extra = extra };
	expect_ok(audit_emit(&chain.arena, &chain.config, &event, &chain.err), &chain.err);
	expect_contains(chain_text(&chain), ",\"cut_bytes\":2097153}\n");
	expect_verdict(&chain, 0, "intact, 1 record");
	chain_end(&chain);
}

TEST(an_event_that_is_too_long_even_so_is_refused_and_leaves_nothing)
{
	struct chain chain;
	chain_begin(&chain);
	char *id = arena_alloc(&chain.arena, (1 << 20) + 1);
	memset(id, 'x', 1 << 20);
	expect_fail(chain_emit(&chain, id), &chain.err, "longer than 1048576 bytes");
	expect_int(access(chain.config.file, F_OK), -1);
	chain_end(&chain);
}

TEST(a_line_without_end_at_the_end_of_the_file_is_refused)
{
	struct chain chain;
	chain_begin(&chain);
	chain_grow(&chain, 1);
	size_t n = 20 << 20;
	char *line = arena_alloc(&chain.arena, n);
	memset(line, 'x', n);
	chain_put(&chain, line, n, O_APPEND);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "no record in the last ");
	chain_end(&chain);
}

TEST(a_file_of_somebody_else_is_not_written_to)
{
	struct chain chain;
	chain_begin(&chain);
	chain_put(&chain, "Jan 1 host app: text\n", 21, 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "has no record of an audit chain");
	expect_text(chain_text(&chain), "Jan 1 host app: text\n");
	chain_end(&chain);
}

TEST(a_symbolic_link_is_refused)
{
	struct chain chain;
	chain_begin(&chain);
	char *target = arena_printf(&chain.arena, "%s-old", chain.config.file);
	expect_int(symlink(target, chain.config.file), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "is a symbolic link");
	expect_int(access(target, F_OK), -1);
	chain_end(&chain);
}

TEST(a_fifo_is_refused_without_waiting_for_a_reader)
{
	struct chain chain;
	chain_begin(&chain);
	expect_int(mkfifo(chain.config.file, 0640), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "is not a regular file");
	chain_end(&chain);
}

TEST(a_directory_is_refused)
{
	struct chain chain;
	chain_begin(&chain);
	expect_int(mkdir(chain.config.file, 0750), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "Is a directory");
	chain_end(&chain);
}

TEST(a_file_or_directory_that_all_may_write_is_refused)
{
	struct chain chain;
	chain_begin(&chain);
	chain_put(&chain, "", 0, 0);
	expect_int(chmod(chain.config.file, 0666), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "others may write the audit file");
	expect_int(chmod(chain.config.file, 0640), 0);
	expect_int(chmod(chain.directory, 0777), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "others may replace the audit file");
	expect_int(chmod(chain.directory, 0700), 0);
	chain_grow(&chain, 1);
	chain_end(&chain);
}

TEST(a_directory_of_another_user_is_refused)
{
	struct chain chain;
	if (geteuid() != 0)
		test_skip("root, to give a directory away");
	chain_begin(&chain);
	expect_int(chown(chain.directory, 12345, 12345), 0);
	expect_fail(chain_emit(&chain, "c"), &chain.err, "others may replace the audit file");
	expect_int(access(chain.config.file, F_OK), 0);
	expect_int(chown(chain.directory, 0, 0), 0);
	chain_end(&chain);
}

TEST(the_chain_goes_on_in_a_new_file_after_rotation)
{
	struct chain chain;
	chain_begin(&chain);
	const char *current = chain.config.file;
	const char *older = arena_printf(&chain.arena, "%s.2", current);
	const char *old = arena_printf(&chain.arena, "%s.1", current);
	chain_grow(&chain, 2);
	expect_int(rename(current, older), 0);
	chain_grow(&chain, 3);
	expect_int(rename(current, old), 0);
	/* As log rotation makes it: empty, there already. */
	chain_put(&chain, "", 0, 0);
	chain_grow(&chain, 1);
	expect_verdict(&chain, 0, "intact, 1 record, continues from record 5 of an earlier file");
	chain.config.file = old;
	expect_verdict(&chain, 0, "intact, 3 records, continues from record 2 of an earlier file");
	/* The oldest is gone: nobody can tell what it had. */
	expect_int(unlink(older), 0);
	expect_verdict(&chain, 1,
		       "broken at line 1: the records before 3 were removed, or are in a file that "
		       "is not beside this one");
	chain.config.file = current;
	expect_verdict(&chain, 0, "intact, 1 record, continues from record 5 of an earlier file");
	chain_end(&chain);
}

TEST(a_writer_that_waited_while_the_file_was_rotated_writes_to_the_new_one)
{
	struct chain chain;
	int status = -1;
	chain_begin(&chain);
	chain_grow(&chain, 1);
	const char *old = arena_printf(&chain.arena, "%s.1", chain.config.file);
	autofd held = open(chain.config.file, O_RDONLY | O_CLOEXEC);
	expect_int(flock(held, LOCK_EX), 0);
	pid_t pid = fork();
	if (pid == 0) {
		fd_close(&held); /* the lock is the parent's own */
		_exit(chain_emit(&chain, "waited") < 0);
	}
	(void)usleep(50000); /* for the writer to open the file; sooner is right too */
	expect_int(rename(chain.config.file, old), 0);
	expect_int(flock(held, LOCK_UN), 0);
	expect_int(waitpid(pid, &status, 0), pid);
	expect_int(status, 0);
	expect_verdict(&chain, 0, "intact, 1 record, continues from record 1 of an earlier file");
	chain_end(&chain);
}

/* In a mount namespace of its own, on a file system of a few pages. */
static void full_disk(void)
{
	struct chain chain;
	bool is_full = false;
	chain_begin(&chain);
	need(unshare(CLONE_NEWNS) == 0);
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("mxc-test", chain.directory, "tmpfs", 0, "size=12k,mode=0700") == 0);
	for (int i = 0; i < 1000 && !is_full; i++)
		is_full = chain_emit(&chain, "filling") < 0;
	need(is_full);
	need(chain.err.sys_errno == ENOSPC);
	const char *text = chain_text(&chain);
	need(text[strlen(text) - 1] == '\n');
	need(chain_verify(&chain) == 0);
	/* Room again: it goes on as if nothing had been. */
	need(mount(NULL, chain.directory, NULL, MS_REMOUNT, "size=64k") == 0);
	need_ok(chain_emit(&chain, "again"), &chain.err);
	need(chain_verify(&chain) == 0);
	need(strstr(chain.said.data, "gap") == NULL);
	need(umount(chain.directory) == 0);
	need(rmdir(chain.directory) == 0);
}

TEST(a_full_disk_refuses_the_event_and_leaves_no_part_of_it)
{
	if (geteuid() != 0)
		test_skip("root, to mount a small file system");
	expect_int(in_child(full_disk), 0);
}
