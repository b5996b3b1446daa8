/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the service manager through libsystemd, which is opened only here. Shared by the
 * cgroup files of this room only. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct error;

/* The functions of libsystemd that are used, by their own names without "sd_bus_". */
struct bus_functions {
	__typeof__(sd_bus_new) *new;
	__typeof__(sd_bus_set_address) *set_address;
	__typeof__(sd_bus_start) *start;
	__typeof__(sd_bus_open_system) *open_system;
	__typeof__(sd_bus_open_user) *open_user;
	__typeof__(sd_bus_close_unref) *close_unref;
	__typeof__(sd_bus_get_method_call_timeout) *get_method_call_timeout;
	__typeof__(sd_bus_is_ready) *is_ready;
	__typeof__(sd_bus_match_signal) *match_signal;
	__typeof__(sd_bus_process) *process;
	__typeof__(sd_bus_wait) *wait;
	__typeof__(sd_bus_call) *call;
	__typeof__(sd_bus_error_free) *error_free;
	__typeof__(sd_bus_error_has_name) *error_has_name;
	__typeof__(sd_bus_message_new_method_call) *message_new_method_call;
	__typeof__(sd_bus_message_append) *message_append;
	__typeof__(sd_bus_message_append_array) *message_append_array;
	__typeof__(sd_bus_message_open_container) *message_open_container;
	__typeof__(sd_bus_message_close_container) *message_close_container;
	__typeof__(sd_bus_message_read) *message_read;
	__typeof__(sd_bus_message_unref) *message_unref;
};

struct bus {
	void *library;
	struct bus_functions call;
	sd_bus *connection;
	uint64_t timeout_us; /* for each answer: SYSTEMD_BUS_TIMEOUT, or libsystemd's 25 s */
	bool is_user;        /* the user's manager, not the system's */
	sd_bus_error error;  /* of the last request that the manager refused */
	const char *job;     /* what bus_job_await waits for */
	char result[32];     /* "done", "failed" … */
};

/* To the system's manager for root of the host, to the user's for everybody else. */
int bus_open(struct bus *bus, struct error *err);
void bus_close(struct bus *bus);
#define autobus __attribute__((cleanup(bus_close))) struct bus

/* A call of the manager's METHOD, to be filled and sent. */
int bus_request(struct bus *bus, const char *method, sd_bus_message **ret_request,
		struct error *err);
/* Send it (it is released in any case). RET_REPLY may be NULL; WHAT names the object in messages.
 */
int bus_send(struct bus *bus, sd_bus_message *request, sd_bus_message **ret_reply, const char *what,
	     struct error *err);
/* The same for a request whose reply is a job: wait until systemd is done with it. */
int bus_send_job(struct bus *bus, sd_bus_message *request, const char *what, struct error *err);
/* The last refusal was NAME, of org.freedesktop.systemd1. */
bool bus_refused_as(const struct bus *bus, const char *name);
