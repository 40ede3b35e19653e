// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a profiler for scripts/bench and prints what it cost as NAME=VALUE lines:
 *
 *   bench-run [-w SECONDS] [-d SECONDS] -o FILE COMMAND…
 *
 * -w: let it start for so long; -d: then measure its CPU time for so long and end it by SIGINT. Without -d it is left to
 * end by itself. -o: its output; FILE.err gets its stderr.
 *
 *   sampling_ms   CPU milliseconds in each second of -d
 *   cpu_total     CPU seconds of all its life, with the children that it has waited for
 *   end_ms        from SIGINT (without -d: from its start) to its end
 *   rss_peak      KiB
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t)) {
		fprintf(stderr, "bench-run: the command ended early\n");
		exit(1);
	}
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void pause_for(double time)
{
	nanosleep(&(struct timespec){ (time_t)time, (time - (time_t)time) * 1e9 }, NULL);
}

int main(int argc, char **argv)
{
	double warm = 0, measured = 0, began, cpu;
	const char *out = "/dev/null";
	char err[4096];
	struct rusage used;
	int option, status;
	clockid_t clock;
	pid_t child;

	while ((option = getopt(argc, argv, "+w:d:o:")) != -1) {
		switch (option) {
		case 'w': warm = atof(optarg); break;
		case 'd': measured = atof(optarg); break;
		case 'o': out = optarg; break;
		default: return 2;
		}
	}
	snprintf(err, sizeof(err), "%s.err", out);
	began = seconds(CLOCK_MONOTONIC);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGINT, SIG_DFL); /* a shell ignores it in background jobs */
		if (!freopen("/dev/null", "r", stdin) || !freopen(out, "w", stdout) || !freopen(err, "w", stderr))
			_exit(127);
		execvp(argv[optind], argv + optind);
		fprintf(stderr, "%s: %s\n", argv[optind], strerror(errno));
		_exit(127);
	}
	if (measured > 0) {
		pause_for(warm);
		if (clock_getcpuclockid(child, &clock))
			return 1;
		cpu = seconds(clock);
		pause_for(measured);
		printf("sampling_ms=%.3f\n", (seconds(clock) - cpu) / measured * 1e3);
		began = seconds(CLOCK_MONOTONIC);
		kill(child, SIGINT);
	}
	if (wait4(child, &status, 0, &used) != child)
		return 1;
	printf("end_ms=%.1f\ncpu_total=%.4f\nrss_peak=%ld\nstatus=%d\n", (seconds(CLOCK_MONOTONIC) - began) * 1e3,
	       used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
	       used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
