/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel lets a process name another executable file (prctl PR_SET_MM_MAP, made for CRIU) when
 * nothing of the old one is mapped any more. So every segment of the program is replaced in place:
 * what is only read, by the same bytes of the new file; what was written, by a copy in anonymous
 * memory.
 */
#include "apply/self-exchange.h"

#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

extern char **environ;

struct program {
	const ElfW(Phdr) * headers;
	size_t n;
	uintptr_t bias; /* what is added to the addresses in the headers */
	uintptr_t page; /* bytes */
};

struct range {
	uintptr_t begin, end;
};

static struct program program_find(void)
{
	struct program program = {
		.headers = (const ElfW(Phdr) *)getauxval(AT_PHDR), // NOLINT: the kernel says where
		.n = getauxval(AT_PHNUM),
		.page = getauxval(AT_PAGESZ),
	};

	for (size_t i = 0; i < program.n; i++)
		if (program.headers[i].p_type == PT_PHDR)
			program.bias = (uintptr_t)program.headers - program.headers[i].p_vaddr;
	return program;
}

/* Whole pages. */
static struct range range_of(const struct program *program, const ElfW(Phdr) * header)
{
	uintptr_t begin = program->bias + header->p_vaddr;

	return (struct range){
		begin & ~(program->page - 1),
		(begin + header->p_filesz + program->page - 1) & ~(program->page - 1),
	};
}

static int map_anew(const struct program *program, const ElfW(Phdr) * header, int file)
{
	struct range range = range_of(program, header);
	int protection = (header->p_flags & PF_R ? PROT_READ : 0) |
			 (header->p_flags & PF_X ? PROT_EXEC : 0);
	off_t offset = (off_t)(header->p_offset & ~(program->page - 1));
	void *at = mmap((void *)range.begin, range.end - range.begin, protection,
			MAP_PRIVATE | MAP_FIXED, file, offset);

	return at == MAP_FAILED ? -1 : 0;
}

/* By a system call: sanitizers watch what a function reads between variables. */
static int copy(void *to, uintptr_t from, size_t n)
{
	struct iovec here = { to, n }, there = { (void *)from, n };
	ssize_t copied = process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	if (copied >= 0 && (size_t)copied != n)
		errno = EFAULT;
	return copied == (ssize_t)n ? 0 : -1;
}

static int copy_anew(const struct program *program, const ElfW(Phdr) * header)
{
	struct range range = range_of(program, header);
	size_t n = range.end - range.begin;
	void *memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	if (copy(memory, range.begin, n) < 0 || mremap(memory, n, n, MREMAP_MAYMOVE | MREMAP_FIXED,
						       (void *)range.begin) == MAP_FAILED) {
		int saved = errno;
		(void)munmap(memory, n);
		errno = saved;
		return -1;
	}
	return 0;
}

static int segments_exchange(const struct program *program, int file)
{
	for (size_t i = 0; i < program->n; i++) {
		const ElfW(Phdr) *header = &program->headers[i];
		if (header->p_type != PT_LOAD)
			continue;
		if ((header->p_flags & PF_W ? copy_anew(program, header)
					    : map_anew(program, header, file)) < 0)
			return -1;
	}
	/* What the loader had made read-only after it wrote addresses there. */
	for (size_t i = 0; i < program->n; i++) {
		const ElfW(Phdr) *header = &program->headers[i];
		if (header->p_type != PT_GNU_RELRO)
			continue;
		uintptr_t begin = program->bias + header->p_vaddr;
		uintptr_t end = (begin + header->p_memsz) & ~(program->page - 1);
		begin &= ~(program->page - 1);
		if (end > begin && mprotect((void *)begin, end - begin, PROT_READ) < 0)
			return -1;
	}
	return 0;
}

/* What the kernel knows of the program beside its file stays as it is; it must be said again. */
static int file_exchange(const struct program *program, int file, char *const argv[])
{
	uintptr_t heap = (uintptr_t)sbrk(0);
	uintptr_t strings_end = getauxval(AT_EXECFN);
	uintptr_t environment = environ && environ[0] ? (uintptr_t)environ[0] : strings_end;
	struct prctl_mm_map map = {
		.start_brk = heap,
		.brk = heap,
		.start_stack = getauxval(AT_RANDOM),
		.arg_start = (uintptr_t)argv[0],
		.arg_end = environment,
		.env_start = environment,
		.env_end = strings_end,
		.exe_fd = (uint32_t)file,
	};

	for (size_t i = 0; i < program->n; i++) {
		const ElfW(Phdr) *header = &program->headers[i];
		uintptr_t begin = program->bias + header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		if (header->p_flags & PF_X) {
			map.start_code = begin;
			map.end_code = begin + header->p_filesz;
		} else if (header->p_flags & PF_W) {
			map.start_data = begin;
			map.end_data = begin + header->p_filesz;
		}
	}
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

int self_exchange(int image, char *const argv[])
{
	struct program program = program_find();
	/* IMAGE may be a mere place (O_PATH). */
	autofd file = open(fd_path(image).text, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return -1;
	if (program.bias == 0 || program.page == 0) {
		errno = ENOEXEC;
		return -1;
	}
	if (segments_exchange(&program, file) < 0)
		return -1;
	return file_exchange(&program, file, argv);
}
