/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the service manager through libsystemd, which is opened only here. */
#include "apply/cgroup-bus.h"

#include "apply/probe.h"
#include "base/error.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MANAGER           "org.freedesktop.systemd1"
#define MANAGER_PATH      "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE MANAGER ".Manager"

#define FUNCTION(name)                                                \
	{                                                             \
		"sd_bus_" #name, offsetof(struct bus_functions, name) \
	}
static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	FUNCTION(new),
	FUNCTION(set_address),
	FUNCTION(start),
	FUNCTION(open_system),
	FUNCTION(open_user),
	FUNCTION(close_unref),
	FUNCTION(get_method_call_timeout),
	FUNCTION(is_ready),
	FUNCTION(match_signal),
	FUNCTION(process),
	FUNCTION(wait),
	FUNCTION(call),
	FUNCTION(error_free),
	FUNCTION(error_has_name),
	FUNCTION(message_new_method_call),
	FUNCTION(message_append),
	FUNCTION(message_append_array),
	FUNCTION(message_open_container),
	FUNCTION(message_close_container),
	FUNCTION(message_read),
	FUNCTION(message_unref),
};

/* libsystemd returns its errors as negative errno. */
static int bus_failed(struct error *err, int result, const char *doing, const char *what)
{
	errno = -result;
	return fail_sys(err, "%s '%s'", doing, what);
}

static int library_open(struct bus *bus, struct error *err)
{
	bus->library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!bus->library) {
		(void)fail(err, ERROR_HOST, "open libsystemd: %s", dlerror());
		return fail_remedy(err, "install libsystemd, or use --cgroup-manager=cgroupfs");
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(bus->library, functions[i].symbol);
		if (!function)
			return fail(err, ERROR_HOST, "libsystemd has no %s", functions[i].symbol);
		memcpy((char *)&bus->call + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}

/* Root of a user namespace is root of nothing for the system's manager; it may have a user's. */
static bool wants_user_manager(void)
{
	return geteuid() != 0 || !host_is_initial();
}

static int address_open(struct bus *bus, const char *address)
{
	sd_bus *connection;

	if (bus->call.new(&connection) < 0)
		return -1;
	if (bus->call.set_address(connection, address) < 0 || bus->call.start(connection) < 0) {
		bus->call.close_unref(connection);
		return -1;
	}
	bus->connection = connection;
	return 0;
}

/* The manager's own socket: it saves the way through the message bus, and works where none runs. */
static int private_open(struct bus *bus)
{
	char directory[4000], address[4096];

	if (!bus->is_user)
		return address_open(bus, "unix:path=/run/systemd/private");
	/* An address is escaped where it has more than these: then by the bus, which does it. */
	if (!host_user_directory(directory, sizeof(directory)) ||
	    directory[strspn(directory, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789._-")])
		return -1;
	(void)snprintf(address, sizeof(address), "unix:path=%s/systemd/private", directory);
	return address_open(bus, address);
}

static int connect_failed(const struct bus *bus, int result, struct error *err)
{
	(void)bus_failed(err, result, "connect to systemd's bus of",
			 bus->is_user ? "the user" : "the system");
	if (!bus->is_user)
		return fail_remedy(err, "use --cgroup-manager=cgroupfs");
	return fail_remedy(err, "log in, or 'loginctl enable-linger', and set XDG_RUNTIME_DIR or "
				"DBUS_SESSION_BUS_ADDRESS; or use --cgroup-manager=cgroupfs");
}

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC,
			    &now); /* cannot fail: the clock exists, the pointer is ours */
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/*
 * The way from a connection to a bus that answers. Whoever listens on the socket and is stuck must
 * not hold us: libsystemd itself waits a minute and a half.
 */
static int ready_await(struct bus *bus)
{
	uint64_t end = now_us() + bus->timeout_us;

	for (;;) {
		int result = bus->call.is_ready(bus->connection);
		if (result != 0)
			return result;
		result = bus->call.process(bus->connection, NULL);
		if (result < 0)
			return result;
		if (result > 0)
			continue;
		uint64_t now = now_us();
		if (now >= end)
			return -ETIMEDOUT;
		result = bus->call.wait(bus->connection, end - now);
		if (result < 0 && result != -EINTR)
			return result;
	}
}

static int job_removed(sd_bus_message *message, void *data, sd_bus_error *ret_error)
{
	struct bus *bus = data;
	uint32_t id;
	const char *job, *unit, *result;

	(void)ret_error;
	if (bus->call.message_read(message, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (bus->job && strcmp(job, bus->job) == 0)
		(void)snprintf(bus->result, sizeof(bus->result), "%s", result);
	return 0;
}

int bus_open(struct bus *bus, struct error *err)
{
	*bus = (struct bus){ .is_user = wants_user_manager() };

	TRY(library_open(bus, err));
	int result = 0;
	if (private_open(bus) < 0)
		result = bus->is_user ? bus->call.open_user(&bus->connection)
				      : bus->call.open_system(&bus->connection);
	if (result >= 0)
		result = bus->call.get_method_call_timeout(bus->connection, &bus->timeout_us);
	if (result >= 0)
		result = ready_await(bus);
	if (result < 0)
		return connect_failed(bus, result, err);
	/* Before any request, or the end of its job could be missed. */
	result = bus->call.match_signal(bus->connection, NULL, MANAGER, MANAGER_PATH,
					MANAGER_INTERFACE, "JobRemoved", job_removed, bus);
	if (result < 0)
		return bus_failed(err, result, "listen to", "JobRemoved");
	return 0;
}

void bus_close(struct bus *bus)
{
	if (!bus->library)
		return;
	if (bus->call.error_free)
		bus->call.error_free(&bus->error);
	/* Without a flush: each request was awaited, and nobody may read any more. */
	if (bus->connection)
		bus->call.close_unref(bus->connection);
	bus->connection = NULL;
	/* The library stays: it keeps data of the thread that would outlive its code. */
	bus->library = NULL;
}

int bus_request(struct bus *bus, const char *method, sd_bus_message **ret_request,
		struct error *err)
{
	int result = bus->call.message_new_method_call(bus->connection, ret_request, MANAGER,
						       MANAGER_PATH, MANAGER_INTERFACE, method);

	return result < 0 ? bus_failed(err, result, "prepare the request", method) : 0;
}

int bus_send(struct bus *bus, sd_bus_message *request, sd_bus_message **ret_reply, const char *what,
	     struct error *err)
{
	bus->call.error_free(&bus->error);
	int result = bus->call.call(bus->connection, request, bus->timeout_us, &bus->error,
				    ret_reply);
	bus->call.message_unref(request);

	if (result >= 0)
		return 0;
	if (bus->error.message)
		return fail(err, ERROR_HOST, "systemd refuses '%s': %s", what, bus->error.message);
	return bus_failed(err, result, "ask systemd for", what);
}

static int job_await(struct bus *bus, const char *what, struct error *err)
{
	uint64_t end = now_us() + bus->timeout_us;

	while (!bus->result[0]) {
		int result = bus->call.process(bus->connection, NULL);
		if (result < 0)
			return bus_failed(err, result, "read systemd's answer about", what);
		if (result > 0)
			continue;
		uint64_t now = now_us();
		if (now >= end)
			return fail(err, ERROR_HOST, "systemd is not done with '%s' after %d s",
				    what, (int)(bus->timeout_us / 1000000));
		result = bus->call.wait(bus->connection, end - now);
		if (result < 0 && result != -EINTR)
			return bus_failed(err, result, "wait for systemd's answer about", what);
	}
	if (strcmp(bus->result, "done") != 0)
		return fail(err, ERROR_HOST, "systemd's job for '%s' ended as '%s'", what,
			    bus->result);
	return 0;
}

int bus_send_job(struct bus *bus, sd_bus_message *request, const char *what, struct error *err)
{
	sd_bus_message *reply = NULL;

	bus->result[0] = '\0';
	TRY(bus_send(bus, request, &reply, what, err));
	int result = bus->call.message_read(reply, "o", &bus->job);
	if (result < 0)
		(void)bus_failed(err, result, "read systemd's job for", what);
	else
		result = job_await(bus, what, err);
	bus->job = NULL;
	bus->call.message_unref(reply);
	return result < 0 ? -1 : 0;
}

bool bus_refused_as(const struct bus *bus, const char *name)
{
	char full[128];

	(void)snprintf(full, sizeof(full), MANAGER ".%s", name);
	return bus->call.error_has_name(&bus->error, full);
}
