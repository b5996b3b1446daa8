/* SPDX-License-Identifier: Apache-2.0 */
/* One event to every sink of the configuration. */
#include "audit/audit.h"
#include "audit/file.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/str.h"

#include <time.h>

const char *audit_time(struct arena *arena)
{
	struct timespec now;
	struct tm utc;
	char text[32];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	return arena_printf(arena, "%s.%09ldZ", text, now.tv_nsec);
}

static void sink_failed(const char *sink, const struct error *err)
{
	char line[1024];

	log_warning("audit sink %s: %s, going on with the others", sink, error_format(err, line, sizeof(line)));
}

int audit_emit(struct arena *arena, const struct audit_config *config, const struct audit_event *event, struct error *err)
{
	struct text json = { .arena = arena };
	struct error failed = {};
	int taken = 0;

	audit_event_json(event, audit_time(arena), &json);
	if (config->to_file) {
		if (audit_file_append(arena, config, json.data, err) == 0)
			taken++;
		else
			failed = *err;
	}
	if (config->to_journal) {
		if (audit_journal_send(arena, event, json.data, err) == 0)
			taken++;
		else if (taken > 0)
			sink_failed("journal", err);
		else
			failed = *err;
	}
	if (taken == 0) {
		*err = failed;
		return -1;
	}
	if (failed.kind != ERROR_NONE)
		sink_failed("file", &failed);
	*err = (struct error){};
	return 0;
}
