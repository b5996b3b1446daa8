/* SPDX-License-Identifier: Apache-2.0 */
/* What closes itself is closed, once, and errno survives it. */
#include "test.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

TEST(an_autofd_is_closed_at_the_end_of_its_block)
{
	int number;
	{
		autofd fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		expect(fd >= 0);
		number = fd;
	}
	expect(!is_open(number));
}

TEST(a_taken_descriptor_stays_open)
{
	int number;
	{
		autofd fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		number = fd_take(&fd);
		expect_int(fd, -1);
	}
	expect(is_open(number));
	fd_close(&number);
	expect_int(number, -1);
}

TEST(closing_keeps_errno)
{
	int bad = 123456, none = -1;
	DIR *dir = opendir("/");
	FILE *file = fopen("/dev/null", "re");
	errno = EXDEV;
	fd_close(&bad);
	fd_close(&none);
	dir_close(&dir);
	file_close(&file);
	expect_int(errno, EXDEV);
	expect(dir == NULL && file == NULL);
	dir_close(&dir);
	file_close(&file);
	expect_int(bad, -1);
}

TEST(directories_and_files_close_themselves)
{
	int dir_number, file_number;
	{
		autodir dir = opendir("/");
		autofile file = fopen("/dev/null", "re");
		expect(dir && file);
		dir_number = dirfd(dir);
		file_number = fileno(file);
		expect(is_open(dir_number) && is_open(file_number));
	}
	expect(!is_open(dir_number) && !is_open(file_number));
}
