/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel tests trace: does the operations that its arguments name, one after the other, by raw system calls,
 * and opens nothing else (it is linked statically). In paths, \xNN is the byte NN. Numbers are decimal, 0octal or 0xhex.
 * A descriptor that an open returned is closed at once, except by "hold".
 *
 *	open PATH FLAGS MODE		openat DIR PATH FLAGS MODE	creat PATH MODE
 *	openat2 DIR PATH FLAGS MODE RESOLVE
 *	open32, openat32, creat32	the same through int $0x80
 *	rename OLD NEW			renameat DIR OLD DIR NEW	renameat2 DIR OLD DIR NEW FLAGS
 *	rename32, renameat32, renameat2_32	the same through int $0x80
 *		DIR is a number, "cwd", or "held"
 *	hold PATH			opens a directory with O_PATH and keeps it: "held"
 *	gate FILE			waits until FILE exists
 *	fault				opens a path at an address that is not mapped
 *	cold FILE			opens the path that FILE contains, out of a page that is not resident
 *	burst N PATH			opens PATH N times
 *	comm NAME, uid N, chdir PATH, chroot PATH, rmdir PATH
 *	deep N NAME, undeep N NAME	makes and enters N directories one in the other; leaves and removes them
 *	mounts				a mount namespace of its own
 *	bind FROM TO, pivot ROOT OLD	mount --bind, pivot_root(2)
 *	side … join			does the operations between in a thread of their own, then the rest
 *	alone				does the rest in a second thread, while the first one ends
 *	exec				does the rest in a new program, by execve(2)
 *	alarm FIFO			opens a FIFO that nobody writes, until a signal interrupts it
 *	fork				does the rest in a child, and ends with its status
 *	exit N, signal N		ends
 *	bpf				prints the ids of all BPF programs, maps and links of the host
 *	pin PATH KEY SIZE		pins a hash map with the 64-bit KEY and a value of SIZE bytes
 *	fill NAME ID			fills up the BPF map of that id if it has that name, and prints "filled N"
 *	compat				ends with status 0 when 32-bit system calls work
 *
 * An operation other than an open or a rename that fails ends the process with status 99.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **word;
static char *self;
static int held = -1;

static void check(const char *what, long result)
{
	if (result < 0) {
		perror(what);
		exit(99);
	}
}

static char *next(void)
{
	if (!*word) {
		fputs("workload: an argument is missing\n", stderr);
		exit(99);
	}
	return *word++;
}

static unsigned long number(void)
{
	return strtoul(next(), NULL, 0);
}

/* Below 4 GiB, where 32-bit system calls reach it. */
static char *path(void)
{
	char *text = next(), *to, *result;

	result = to = mmap(NULL, strlen(text) + 1, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS
#ifdef MAP_32BIT
				   | MAP_32BIT
#endif
			   ,
			   -1, 0);
	check("mmap", result == MAP_FAILED ? -1 : 0);
	while (*text) {
		if (text[0] == '\\' && text[1] == 'x') {
			char hex[] = {text[2], text[3], 0};

			*to++ = strtoul(hex, NULL, 16);
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = 0;
	return result;
}

static int dir(void)
{
	char *text = next();

	return !strcmp(text, "cwd") ? AT_FDCWD : !strcmp(text, "held") ? held : atoi(text);
}

static void done(long fd)
{
	if (fd >= 0)
		close(fd);
}

static long call32(long nr, long a, long b, long c, long d, long e)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	return -ENOSYS;
#endif
}

static void no_compat(int signal)
{
	_exit(1);
}

static void gate(const char *file)
{
	struct timespec pause = {0, 1000000};

	alarm(120); /* or a test that was killed would leave it here for ever */
	while (access(file, F_OK))
		nanosleep(&pause, NULL);
	alarm(0);
}

static void cold(const char *file)
{
	long page = sysconf(_SC_PAGESIZE);
	uint64_t entry;
	int fd = open(file, O_RDONLY), pagemap = open("/proc/self/pagemap", O_RDONLY);
	char *text = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);

	check("mmap", text == MAP_FAILED ? -1 : 0);
	check("madvise", madvise(text, page, MADV_DONTNEED));
	check("pread", pread(pagemap, &entry, 8, (uintptr_t)text / page * 8) == 8 ? 0 : -1);
	if (entry >> 63) {
		fputs("workload: the page is resident\n", stderr);
		exit(99);
	}
	close(pagemap);
	close(fd);
	done(syscall(SYS_openat, AT_FDCWD, text, O_RDONLY, 0));
}

static void print_ids(const char *kind, int command)
{
	union bpf_attr attr;
	unsigned int id = 0;

	for (;;) {
		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
		if (syscall(SYS_bpf, command, &attr, sizeof(attr)))
			break;
		id = attr.next_id;
		printf("%s_id %u\n", kind, id);
	}
}

static void pin(const char *path, unsigned long long key, unsigned int size)
{
	char value[8] = { 1 };
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH, .key_size = sizeof(key), .value_size = size, .max_entries = 4
	};
	int map = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	check("pin", map);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)value;
	check("pin", syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)));
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)path;
	attr.bpf_fd = map;
	check("pin", syscall(SYS_bpf, BPF_OBJ_PIN, &attr, sizeof(attr)));
}

/* Fills up a map, given by its id, if it has that name, with keys that no process has. */
static void fill(const char *name, unsigned int id)
{
	struct bpf_map_info info = {};
	union bpf_attr attr = { .map_id = id };
	int map = syscall(SYS_bpf, BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr));
	unsigned long long key = 0xf0000000;
	void *value;

	check("fill", map);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = map;
	attr.info.info_len = sizeof(info);
	attr.info.info = (unsigned long)&info;
	check("fill", syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)));
	if (!strcmp(info.name, name)) {
		value = calloc(1, info.value_size);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.value = (unsigned long)value;
		attr.key = (unsigned long)&key;
		while (!syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)))
			key++;
		printf("filled %llu\n", key - 0xf0000000);
		free(value);
	}
	close(map);
}

static void run(void);

static void *run_side(void *unused)
{
	run();
	return NULL;
}

static void *run_alone(void *unused)
{
	char state[32], path[64];
	int leader;

	/* The first thread stays as a zombie until this one ends, too. */
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	do {
		leader = open(path, O_RDONLY);
		check(path, leader);
		check(path, pread(leader, state, sizeof(state) - 1, 0));
		close(leader);
	} while (!strstr(state, ") Z"));
	run();
	exit(0);
}

static void no_action(int signal)
{
}

static void run(void)
{
	while (*word) {
		char *name = next(), *p, *q;
		unsigned long a, b, c;
		int d, e, status;

		if (!strcmp(name, "open")) {
			p = path(), a = number(), b = number();
#ifdef SYS_open
			done(syscall(SYS_open, p, a, b));
#else
			done(syscall(SYS_openat, AT_FDCWD, p, a, b));
#endif
		} else if (!strcmp(name, "openat")) {
			d = dir(), p = path(), a = number(), b = number();
			done(syscall(SYS_openat, d, p, a, b));
		} else if (!strcmp(name, "openat2")) {
			d = dir(), p = path(), a = number(), b = number(), c = number();
			uint64_t how[] = {a, b, c};
			done(syscall(437, d, p, how, sizeof(how)));
		} else if (!strcmp(name, "creat")) {
			p = path(), a = number();
#ifdef SYS_creat
			done(syscall(SYS_creat, p, a));
#else
			done(syscall(SYS_openat, AT_FDCWD, p, O_CREAT | O_WRONLY | O_TRUNC, a));
#endif
		} else if (!strcmp(name, "open32")) {
			p = path(), a = number(), b = number();
			done(call32(5, (long)p, a, b, 0, 0));
		} else if (!strcmp(name, "creat32")) {
			p = path(), a = number();
			done(call32(8, (long)p, a, 0, 0, 0));
		} else if (!strcmp(name, "openat32")) {
			d = dir(), p = path(), a = number(), b = number();
			done(call32(295, d, (long)p, a, b, 0));
		} else if (!strcmp(name, "rename")) {
			p = path(), q = path();
#ifdef SYS_rename
			syscall(SYS_rename, p, q);
#else
			syscall(SYS_renameat, AT_FDCWD, p, AT_FDCWD, q);
#endif
		} else if (!strcmp(name, "renameat")) {
			d = dir(), p = path(), e = dir(), q = path();
			syscall(SYS_renameat, d, p, e, q);
		} else if (!strcmp(name, "renameat2")) {
			d = dir(), p = path(), e = dir(), q = path(), a = number();
			syscall(SYS_renameat2, d, p, e, q, a);
		} else if (!strcmp(name, "rename32")) {
			p = path(), q = path();
			call32(38, (long)p, (long)q, 0, 0, 0);
		} else if (!strcmp(name, "renameat32")) {
			d = dir(), p = path(), e = dir(), q = path();
			call32(302, d, (long)p, e, (long)q, 0);
		} else if (!strcmp(name, "renameat2_32")) {
			d = dir(), p = path(), e = dir(), q = path(), a = number();
			call32(353, d, (long)p, e, (long)q, a);
		} else if (!strcmp(name, "compat")) {
			signal(SIGSEGV, no_compat);
			exit(call32(20, 0, 0, 0, 0, 0) == getpid() ? 0 : 1); /* getpid */
		} else if (!strcmp(name, "hold")) {
			held = open(path(), O_PATH | O_DIRECTORY);
			check("hold", held);
		} else if (!strcmp(name, "gate")) {
			gate(next());
		} else if (!strcmp(name, "fault")) {
			done(syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY, 0));
		} else if (!strcmp(name, "cold")) {
			cold(next());
		} else if (!strcmp(name, "burst")) {
			a = number(), p = path();
			while (a--)
				done(syscall(SYS_openat, AT_FDCWD, p, O_RDONLY, 0));
		} else if (!strcmp(name, "comm")) {
			check(name, prctl(PR_SET_NAME, next()));
		} else if (!strcmp(name, "uid")) {
			check(name, setuid(number()));
		} else if (!strcmp(name, "chdir")) {
			check(name, chdir(path()));
		} else if (!strcmp(name, "chroot")) {
			check(name, chroot(path()));
		} else if (!strcmp(name, "rmdir")) {
			check(name, rmdir(path()));
		} else if (!strcmp(name, "deep")) {
			for (a = number(), p = next(); a--;) {
				check(name, mkdir(p, 0755));
				check(name, chdir(p));
			}
		} else if (!strcmp(name, "undeep")) {
			for (a = number(), p = next(); a--;) {
				check(name, chdir(".."));
				check(name, rmdir(p));
			}
		} else if (!strcmp(name, "mounts")) {
			check(name, unshare(CLONE_NEWNS));
			check(name, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		} else if (!strcmp(name, "bind")) {
			p = path(), q = path();
			check(name, mount(p, q, NULL, MS_BIND, NULL));
		} else if (!strcmp(name, "pivot")) {
			p = path(), q = path();
			check(name, syscall(SYS_pivot_root, p, q));
		} else if (!strcmp(name, "side")) {
			pthread_t thread;

			check(name, -pthread_create(&thread, NULL, run_side, NULL));
			check(name, -pthread_join(thread, NULL));
		} else if (!strcmp(name, "alone")) {
			pthread_t thread;

			check(name, -pthread_create(&thread, NULL, run_alone, NULL));
			syscall(SYS_exit, 0);
		} else if (!strcmp(name, "exec")) {
			*--word = self;
			check(name, execve(self, word, (char *[]){NULL}));
		} else if (!strcmp(name, "alarm")) {
			struct sigaction action = {.sa_handler = no_action};
			struct itimerval soon = {.it_value.tv_usec = 20000, .it_interval.tv_usec = 20000};
			struct itimerval never = {};

			p = path();
			check(name, sigaction(SIGALRM, &action, NULL));
			check(name, setitimer(ITIMER_REAL, &soon, NULL));
			done(syscall(SYS_openat, AT_FDCWD, p, O_RDONLY, 0));
			check(name, setitimer(ITIMER_REAL, &never, NULL));
		} else if (!strcmp(name, "join")) {
			return;
		} else if (!strcmp(name, "fork")) {
			pid_t child = fork();

			check(name, child);
			if (child) {
				check(name, waitpid(child, &status, 0));
				exit(WEXITSTATUS(status));
			}
		} else if (!strcmp(name, "exit")) {
			exit(number());
		} else if (!strcmp(name, "signal")) {
			kill(getpid(), number());
		} else if (!strcmp(name, "bpf")) {
			print_ids("prog", BPF_PROG_GET_NEXT_ID);
			print_ids("map", BPF_MAP_GET_NEXT_ID);
			print_ids("link", BPF_LINK_GET_NEXT_ID);
		} else if (!strcmp(name, "fill")) {
			const char *map = next();

			fill(map, number());
		} else if (!strcmp(name, "pin")) {
			const char *path = next();
			unsigned long long key = number();

			pin(path, key, number());
		} else {
			fprintf(stderr, "workload: no operation %s\n", name);
			exit(99);
		}
	}
}

int main(int argc, char **argv)
{
	self = argv[0];
	word = argv + 1;
	run();
	return 0;
}
