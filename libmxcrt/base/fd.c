/* SPDX-License-Identifier: Apache-2.0 */
/* Closing, as the cleanup attribute calls it. */
#include "base/fd.h"

#include <errno.h>
#include <unistd.h>

/* All keep errno: cleanup runs between a failed call and the caller who reads why. */

void fd_close(int *fd)
{
	int kept = errno;
	/* Linux has given the number back even when close fails, so there is nothing to repeat. */
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = kept;
}

void dir_close(DIR **dir)
{
	int kept = errno;
	if (*dir)
		(void)closedir(*dir); /* as above */
	*dir = NULL;
	errno = kept;
}

void file_close(FILE **file)
{
	int kept = errno;
	if (*file)
		(void)fclose(*file); /* a writer that cares flushes itself before */
	*file = NULL;
	errno = kept;
}

int fd_take(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}
