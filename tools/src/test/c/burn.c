/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Burns the CPU in known proportions, for the tests of profiles:
 *
 *	burn WHAT SECONDS [COMM]
 *
 * user: 60 % in sixty(), 30 % in thirty(), 10 % in ten(), all called by run(). kernel: reads /dev/zero. deep: a recursion
 * of 300 calls, all the time at its end. paths: 10,000 different stacks of 60 calls of left() and right(). Prints its pid, and waits for a line on its input (or its end) before it starts.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/*
 * A chain of multiplications, each of which waits for the one before, so that time goes by turns alone: by a factor that
 * takes the slow instruction, behind which the loop's own hide wherever it happens to lie. Asking for the
 * frame's address makes the compiler set up a frame, also in a function that calls nothing.
 */
#define TURNS(n)                                                                                                       \
	do {                                                                                                           \
		unsigned long x = (unsigned long)__builtin_frame_address(0);                                           \
                                                                                                                       \
		for (unsigned long i = 0; i < (n); i++) {                                                              \
			x *= 0x9e3779b97f4a7c15UL;                                                                     \
			__asm__ volatile("" : "+r"(x));                                                                \
		}                                                                                                      \
	} while (0)

__attribute__((noinline)) void sixty(void)
{
	TURNS(60000);
}

__attribute__((noinline)) void thirty(void)
{
	TURNS(30000);
}

__attribute__((noinline)) void ten(void)
{
	TURNS(10000);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

__attribute__((noinline)) void run(double end)
{
	while (now() < end) {
		sixty();
		thirty();
		ten();
	}
}

__attribute__((noinline)) void zero(double end)
{
	static char buffer[1 << 16];
	int fd = open("/dev/zero", O_RDONLY);

	while (now() < end)
		for (int i = 0; i < 100; i++)
			if (read(fd, buffer, sizeof(buffer)) != (ssize_t)sizeof(buffer))
				exit(1);
}

__attribute__((noinline)) int deep(int more, double end)
{
	if (more > 0)
		return deep(more - 1, end) + 1;
	while (now() < end)
		TURNS(10000);
	return 0;
}

__attribute__((noinline)) int right(unsigned long path, int more);

__attribute__((noinline)) int left(unsigned long path, int more)
{
	if (more > 0)
		return (path & 1 ? right : left)(path >> 1, more - 1) + 1;
	TURNS(10000);
	return 0;
}

__attribute__((noinline)) int right(unsigned long path, int more)
{
	if (more > 0)
		return (path & 1 ? right : left)(path >> 1, more - 1) + 2;
	TURNS(10000);
	return 0;
}

static void paths(double end)
{
	unsigned long path = 0;

	for (int i = 0; now() < end; i = (i + 1) % 10000) {
		path = i ? path + 0x9e3779b97f4a7c15UL : 0; /* bits that look random */
		left(path, 59);
	}
}

int main(int argc, char **argv)
{
	double end;

	if (argc < 3)
		return 2;
	if (argc > 3)
		prctl(PR_SET_NAME, argv[3]);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	while (getchar() > '\n')
		;
	end = now() + atof(argv[2]);
	if (!strcmp(argv[1], "user"))
		run(end);
	else if (!strcmp(argv[1], "kernel"))
		zero(end);
	else if (!strcmp(argv[1], "paths"))
		paths(end);
	else if (!strcmp(argv[1], "deep"))
		return deep(300, end) != 300;
	else
		return 2;
	return 0;
}
