/* SPDX-License-Identifier: Apache-2.0 */
/* The time as logs, records and events write it. */
#pragma once

/* RFC 3339, in UTC with nanoseconds: "2026-11-21T09:00:00.123456789Z". */
struct clock_text {
	char text[48];
};
struct clock_text clock_now(void);
