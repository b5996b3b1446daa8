/* SPDX-License-Identifier: Apache-2.0 */
/* Format the wall clock. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

struct clock_text clock_now(void)
{
	struct clock_text now = { "1970-01-01T00:00:00Z" };
	struct timespec wall;
	struct tm utc;
	char seconds[32];

	(void)clock_gettime(CLOCK_REALTIME, &wall); /* cannot fail: this clock exists */
	if (gmtime_r(&wall.tv_sec, &utc) && strftime(seconds, sizeof(seconds), "%FT%T", &utc))
		(void)snprintf(now.text, sizeof(now.text), "%s.%09ldZ", seconds, wall.tv_nsec);
	return now;
}
