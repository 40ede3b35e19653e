/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel tests of jexecsnoop trace: starts programs in the way that its first argument says, or ends.
 *
 *	execve FILE ARGV…		by execve(2)
 *	execveat DIR NAME ARGV…		relative to a directory
 *	fexecve FILE ARGV…		by a descriptor
 *	memfd FILE ARGV…		a copy of the file that has no directory
 *	thread FILE ARGV…		by a thread that is not the first
 *	long COUNT SIZE FILE		with COUNT arguments of SIZE bytes after argv[0]
 *	times N FILE ARGV…		N times, each in a child
 *	fork OPERATION…			in a child of a child whose parent has ended
 *	exit N, signal N		ends
 *	last N				ends with status 0 by its first thread, and then by another one that returns N
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const none[] = {NULL};

static void *start(void *words)
{
	char **word = words;

	execve(word[0], word + 1, none);
	exit(errno);
}

static void *end_later(void *unused)
{
	(void)unused;
	usleep(20000);
	syscall(SYS_exit, 5);
	return NULL;
}

static void run(char **word);

static void run_in_orphan(char **word)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		exit(99);
	if (!fork()) {
		pid_t parent = getpid();

		if (fork())
			_exit(0);
		while (getppid() == parent)
			usleep(100);
		if (fcntl(ready[1], F_SETFD, FD_CLOEXEC))
			exit(99);
		run(word);
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) > 0)
		;
	wait(NULL);
	usleep(20000);
	exit(0);
}

static void run(char **word)
{
	const char *what = word[0];
	pthread_t thread;

	if (!strcmp(what, "execve")) {
		start(word + 1);
	} else if (!strcmp(what, "execveat")) {
		int dir = open(word[1], O_PATH);

		syscall(SYS_execveat, dir, word[2], word + 3, none, 0);
	} else if (!strcmp(what, "fexecve")) {
		syscall(SYS_execveat, open(word[1], O_PATH), "", word + 2, none, AT_EMPTY_PATH);
	} else if (!strcmp(what, "memfd")) {
		int from = open(word[1], O_RDONLY), to = memfd_create("hidden", 0);
		struct stat status;

		fstat(from, &status);
		sendfile(to, from, NULL, status.st_size);
		syscall(SYS_execveat, to, "", word + 2, none, AT_EMPTY_PATH);
	} else if (!strcmp(what, "thread")) {
		pthread_create(&thread, NULL, start, word + 1);
		pthread_join(thread, NULL);
	} else if (!strcmp(what, "long")) {
		long count = atol(word[1]), size = atol(word[2]);
		char **argv = calloc(count + 2, sizeof(*argv));

		argv[0] = "long";
		for (long i = 1; i <= count; i++) {
			argv[i] = malloc(size + 1);
			memset(argv[i], 'a' + i % 26, size);
			argv[i][size] = 0;
		}
		execve(word[3], argv, none);
	} else if (!strcmp(what, "times")) {
		for (long n = atol(word[1]); n; n--) {
			pid_t child = vfork();

			if (!child) {
				execve(word[2], word + 3, none);
				_exit(127);
			}
			waitpid(child, NULL, 0);
		}
		exit(0);
	} else if (!strcmp(what, "fork")) {
		run_in_orphan(word + 1);
	} else if (!strcmp(what, "exit")) {
		exit(atoi(word[1]));
	} else if (!strcmp(what, "signal")) {
		kill(getpid(), atoi(word[1]));
		pause();
	} else if (!strcmp(what, "last")) {
		pthread_create(&thread, NULL, end_later, NULL);
		syscall(SYS_exit, 0);
	}
	exit(errno);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 98;
	run(argv + 1);
}
