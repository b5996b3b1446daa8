/* SPDX-License-Identifier: Apache-2.0 */
/* Where events go when nobody says otherwise. */
#include "audit/audit.h"

#include "base/arena.h"

#include <stdlib.h>
#include <unistd.h>

static const char *user_file(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (state && state[0] == '/')
		return arena_printf(arena, "%s/mxc/audit.jsonl", state);
	if (home && home[0] == '/')
		return arena_printf(arena, "%s/.local/state/mxc/audit.jsonl", home);
	return arena_printf(arena, "/tmp/mxc-runtime-%u/audit.jsonl", geteuid());
}

void audit_config_default(struct arena *arena, bool is_root, struct audit_config *ret_config)
{
	bool has_journal = access("/run/systemd/journal/socket", W_OK) == 0;

	*ret_config = (struct audit_config){
		.to_journal = has_journal,
		.to_file = !has_journal,
		.file = is_root ? "/var/log/mxc/audit.jsonl" : user_file(arena),
	};
}
