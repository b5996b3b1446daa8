/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on absolute paths. */
#include "base/path.h"

#include "base/arena.h"
#include "base/error.h"

#include <assert.h>
#include <string.h>

enum { PATH_BYTES = 4095 };

/* The next component of *rest and its length, 0 at the end; *rest then stands behind it. */
static size_t component_next(const char **rest, const char **ret_component)
{
	const char *start = *rest + strspn(*rest, "/");
	size_t n = strcspn(start, "/");
	*ret_component = start;
	*rest = start + n;
	return n;
}

static bool is_dot(const char *component, size_t n)
{
	return n == 1 && component[0] == '.';
}

static bool is_dot_dot(const char *component, size_t n)
{
	return n == 2 && component[0] == '.' && component[1] == '.';
}

int path_normalize(struct arena *arena, const char *path, const char **ret_path, struct error *err)
{
	if (path[0] != '/')
		return fail(err, ERROR_CONFIG, "path '%s' is not absolute", path);

	char *normal = arena_alloc(arena, strlen(path) + 1), *end = normal;
	const char *rest = path, *component;
	for (size_t n; (n = component_next(&rest, &component)) > 0;) {
		if (is_dot_dot(component, n))
			return fail(err, ERROR_CONFIG, "path '%s' contains '..'", path);
		if (is_dot(component, n))
			continue;
		*end++ = '/';
		memcpy(end, component, n);
		end += n;
	}
	if (end == normal)
		*end++ = '/';
	if (end - normal > PATH_BYTES)
		return fail(err, ERROR_CONFIG, "path of more than %d bytes: '%s'", PATH_BYTES,
			    path);
	*ret_path = normal;
	return 0;
}

const char *path_clean(struct arena *arena, const char *path)
{
	/* A relative path gains a slash. */
	char *clean = arena_alloc(arena, strlen(path) + 2), *end = clean;
	const char *rest = path, *component;
	for (size_t n; (n = component_next(&rest, &component)) > 0;) {
		if (is_dot(component, n))
			continue;
		if (is_dot_dot(component, n)) {
			while (end > clean && *--end != '/')
				;
			continue;
		}
		*end++ = '/';
		memcpy(end, component, n);
		end += n;
	}
	if (end == clean)
		*end++ = '/';
	*end = '\0'; /* a ".." leaves the bytes of what it took back */
	return clean;
}

bool path_is_beneath(const char *a, const char *b)
{
	size_t n = strlen(b);
	if (strncmp(a, b, n) != 0)
		return false;
	return a[n] == '\0' || a[n] == '/' || strcmp(b, "/") == 0;
}

const char *path_below(const char *path, const char *ancestor)
{
	assert(path_is_beneath(path, ancestor));
	path += strlen(ancestor);
	return path + (*path == '/');
}

char *path_join(struct arena *arena, const char *directory, const char *name)
{
	size_t n = strlen(directory);
	while (n > 0 && directory[n - 1] == '/')
		n--;
	if (directory[0] == '\0')
		return arena_strdup(arena, name);
	name += strspn(name, "/");
	if (name[0] == '\0')
		return n > 0 ? arena_strndup(arena, directory, n) : arena_strdup(arena, "/");
	return arena_printf(arena, "%.*s/%s", (int)n, directory, name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

const char *path_parent(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return "/";
	return arena_strndup(arena, path, (size_t)(slash - path));
}

/* The end of a path comes first, then what continues below it, then its longer siblings. */
static int rank(char c)
{
	if (c == '\0')
		return 0;
	return c == '/' ? 1 : (unsigned char)c + 1;
}

int path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return rank(*a) - rank(*b);
}
