/* SPDX-License-Identifier: Apache-2.0 */
/* One event to every sink of the configuration. */
#include "audit/audit.h"
#include "audit/chain.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/str.h"

#include <string.h>

static void sink_failed(const char *sink, const struct error *err)
{
	char line[1024];

	log_warning("audit sink %s: %s, going on with the others", sink,
		    error_format(err, line, sizeof(line)));
}

/* Whole, or without what only this event has where that is far too long, as the argv of an exec. */
static void event_write(struct arena *arena, const struct audit_event *event, struct text *out)
{
	struct clock_text now = clock_now();
	struct audit_event cut = *event;

	audit_event_json(event, now.text, out);
	if (out->n <= CHAIN_RECORD_MAX || !event->extra)
		return;
	cut.extra = arena_printf(arena, "\"cut_bytes\":%zu", strlen(event->extra));
	out->n = 0;
	audit_event_json(&cut, now.text, out);
}

int audit_emit(struct arena *arena, const struct audit_config *config,
	       const struct audit_event *event, struct error *err)
{
	struct text json = { .arena = arena };
	struct error file = {}, journal = {};
	int taken = 0;

	event_write(arena, event, &json);
	if (config->to_file && audit_file_append(arena, config, json.data, &file) == 0)
		taken++;
	if (config->to_journal && audit_journal_send(arena, event, json.data, &journal) == 0)
		taken++;
	if (!config->to_file && !config->to_journal)
		return fail(err, ERROR_CONFIG, "no audit sink is configured");
	if (taken == 0) {
		*err = file.kind ? file : journal;
		return -1;
	}
	if (file.kind)
		sink_failed("file", &file);
	if (journal.kind)
		sink_failed("journal", &journal);
	return 0;
}
