// SPDX-License-Identifier: Apache-2.0
/*
 * The load of scripts/bench: starts a tracer, waits until it reports, opens files that do not exist, ends the tracer,
 * and prints what happened as NAME=VALUE lines.
 *
 *   bench-load [-d SECONDS | -n OPENS] [-t THREADS] [-r OPENS_PER_SECOND] [-s OPENS] [-i] [-o FILE] [-T]
 *              [-- TRACER…]
 *
 * -r 0 (the default) is as fast as possible. -s: also take the tracer's RSS after that many opens. -i: no threads but a
 * child process that times getppid and open. -o: the tracer's output, FILE.err its stderr; -T: empty the former when it
 * is large. A {} among the tracer's arguments becomes the pid of the load. The tracer is watched by its pid: a launcher
 * has to exec.
 *
 * Attached or not is found out by "ready" opens whose names hold CLOCK_MONOTONIC in nanoseconds: the first name that
 * the tracer prints says when it began to capture, and how many of these opens it has to know of.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L
#define READY "/nonexistent/ready-"
#define READY_PAUSE 200000L /* 0.2 ms: the resolution of captured_ms */
#define READY_LIMIT 30 /* seconds */
#define TRUNCATE_AT (64L << 20)
#define IDLE_CALLS 1000000L

struct worker {
	pthread_t thread;
	int cpu;
	long end; /* CLOCK_MONOTONIC, nanoseconds */
	_Atomic long opens;
	_Atomic int done;
};

static double seconds, rate; /* rate: opens per second of one thread; 0: as fast as possible */
static int cpus;
static long limit, sample; /* limit: opens of one thread; 0: for so many seconds */
static const char *out = "/dev/null";
static int empty;
static pid_t tracer;

static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench-load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	if (tracer > 0)
		kill(tracer, SIGKILL);
	exit(1);
}

static void pin(int number)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(number, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
}

static long nanos(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		die("clock_gettime: %s", strerror(errno));
	return t.tv_sec * SECOND + t.tv_nsec;
}

static long now(void)
{
	return nanos(CLOCK_MONOTONIC);
}

static void pause_for(long ns)
{
	nanosleep(&(struct timespec){ ns / SECOND, ns % SECOND }, NULL);
}

static void open_missing(const char *path)
{
	if (open(path, O_RDONLY) >= 0)
		die("%s exists", path);
}

static long tracer_cpu(void)
{
	clockid_t clock;

	if (clock_getcpuclockid(tracer, &clock))
		die("the tracer ended early; its messages:");
	return nanos(clock);
}

static long tracer_rss_kib(void)
{
	static int statm = -1; /* opened once, before the load, whose opens are counted */
	char path[64], text[128] = "";
	long pages = 0;

	if (statm < 0) {
		snprintf(path, sizeof(path), "/proc/%d/statm", tracer);
		statm = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (pread(statm, text, sizeof(text) - 1, 0) <= 0 || sscanf(text, "%*d %ld", &pages) != 1)
		die("the tracer ended early; its messages:");
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Returns when, CLOCK_MONOTONIC, the tracer was about to be executed. */
static long start_tracer(char **command)
{
	char self[16], err[4096];
	long when;

	snprintf(self, sizeof(self), "%d", getpid());
	snprintf(err, sizeof(err), "%s.err", out);
	for (char **arg = command; *arg; arg++)
		if (!strcmp(*arg, "{}"))
			*arg = self;
	when = now();
	tracer = fork();
	if (tracer) {
		pin(0); /* buffers per CPU keep the order of the ready opens only when all come from one */
		return when;
	}

	setpgid(0, 0); /* Ctrl-C reaches the load; the tracer goes with it, by the next line */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 50000); /* what Linux gives; the load has less */
	signal(SIGINT, SIG_DFL); /* a shell ignores it in background jobs */
	if (!freopen("/dev/null", "r", stdin) || !freopen(out, "a", stdout) || !freopen(err, "w", stderr))
		_exit(127);
	execvp(command[0], command);
	fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* Opens until the tracer has printed one of these opens; sets how many it must have seen, returns the first one's time. */
static long await_tracer(long *expected)
{
	static long opened[READY_LIMIT * SECOND / READY_PAUSE];
	static char text[1 << 16];
	long used = 0, count = 0;
	int in = open(out, O_RDONLY | O_CREAT, 0600);

	while (count < READY_LIMIT * SECOND / READY_PAUSE) {
		char path[64], *name;
		ssize_t got;

		opened[count] = now();
		snprintf(path, sizeof(path), READY "%ld", opened[count++]);
		open_missing(path);
		got = read(in, text + used, sizeof(text) - 1 - used);
		if (got < 0)
			die("%s: %s", out, strerror(errno));
		used += got;
		text[used] = 0;
		name = strstr(text, READY);
		if (name && strchr(name, '\n')) {
			long first = atol(name + strlen(READY));

			for (long i = 0; i < count; i++)
				*expected += opened[i] >= first;
			close(in);
			return first;
		}
		if (count % 1000 == 0 && waitpid(tracer, NULL, WNOHANG)) {
			tracer = 0;
			break;
		}
		pause_for(READY_PAUSE);
	}
	die("the tracer printed no event; its messages:");
	return 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	long begin = now(), opens = 0;

	pin(w->cpu);
	prctl(PR_SET_TIMERSLACK, 1);
	unshare(CLONE_FILES); /* else the threads wait for each other's lock of the file table */
	for (;;) {
		long time = now();
		long due = rate ? (long)((time - begin) * rate / SECOND) + 1 : opens + 64;

		if (due > opens + 1000)
			due = opens + 1000; /* look at the clock also when it cannot keep up */
		if (limit && due > limit)
			due = limit;
		for (; opens < due; opens++)
			open_missing("/nonexistent/bench");
		atomic_store(&w->opens, opens);
		if (limit ? opens >= limit : time >= w->end)
			break;
		if (rate && (long)((now() - begin) * rate / SECOND) <= opens)
			pause_for(READY_PAUSE);
	}
	atomic_store(&w->done, 1);
	return NULL;
}

/* What a host pays for a tracer that is not interested in this process. */
static void time_idle(void)
{
	pid_t child = fork();

	if (!child) {
		long begin = now(), middle;

		for (long i = 0; i < IDLE_CALLS; i++)
			syscall(SYS_getppid);
		middle = now();
		for (long i = 0; i < IDLE_CALLS; i++)
			open_missing("/nonexistent/bench");
		printf("getppid_ns=%.1f\nopen_ns=%.1f\n", (double)(middle - begin) / IDLE_CALLS,
		       (double)(now() - middle) / IDLE_CALLS);
		exit(0);
	}
	waitpid(child, NULL, 0);
}

/* Returns the number of opens made. */
static long run_workers(int threads)
{
	struct worker workers[threads];
	long begin = now(), end = begin + seconds * SECOND, steady_at = begin + seconds * SECOND / 5;
	long steady_cpu = 0, opens = 0, running = threads;

	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .cpu = i % cpus, .end = end };
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			die("cannot start a thread");
	}
	while (running) {
		struct stat st;

		pause_for(SECOND / 100);
		opens = running = 0;
		for (int i = 0; i < threads; i++) {
			running += !atomic_load(&workers[i].done);
			opens += atomic_load(&workers[i].opens);
		}
		if (tracer && !steady_cpu && now() >= steady_at) {
			steady_at = now();
			steady_cpu = tracer_cpu();
		}
		if (tracer && sample && opens >= sample) {
			printf("rss_first=%ld\n", tracer_rss_kib());
			sample = 0;
		}
		if (empty && !stat(out, &st) && st.st_size > TRUNCATE_AT && truncate(out, 0))
			die("%s: %s", out, strerror(errno));
	}
	end = now();
	printf("opens=%ld\nrate=%.0f\n", opens, opens * 1e9 / (end - begin));
	if (tracer)
		printf("cpu_steady=%.4f\nrss_last=%ld\n", (double)(tracer_cpu() - steady_cpu) / (end - steady_at),
		       tracer_rss_kib());
	return opens;
}

static void end_tracer(void)
{
	struct rusage used;
	double direct, all;
	long asked;
	int status;

	pause_for(SECOND / 2); /* let it print what it has */
	direct = tracer_cpu() / 1e9;
	asked = now();
	kill(tracer, SIGINT);
	for (long i = 1; wait4(tracer, &status, WNOHANG, &used) == 0; i++) {
		if (now() > asked + 20 * SECOND)
			die("the tracer does not end after SIGINT");
		if (i % 1000 == 0)
			kill(tracer, SIGINT); /* bpftrace 0.17 now and then misses the first */
		pause_for(SECOND / 1000);
	}
	tracer = 0;
	all = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	if ((seconds > 0 || limit) && direct < all / 2)
		die("the tracer's work is done by a child process: the figures would be wrong");
	printf("cpu_total=%.4f\nrss_peak=%ld\nstatus=%d\n", all, used.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	int threads = 1, timing = 0, option;
	long expected = 0;

	while ((option = getopt(argc, argv, "+d:n:t:r:s:io:T")) != -1) {
		switch (option) {
		case 'd': seconds = atof(optarg); break;
		case 'n': limit = atol(optarg); break;
		case 't': threads = atoi(optarg); break;
		case 'r': rate = atof(optarg); break;
		case 's': sample = atol(optarg); break;
		case 'i': timing = 1; break;
		case 'o': out = optarg; break;
		case 'T': empty = 1; break;
		default: return 2;
		}
	}
	limit /= threads;
	rate /= threads;
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_TIMERSLACK, 1);
	cpus = sysconf(_SC_NPROCESSORS_ONLN); /* opens a file, so not under load */
	if (argv[optind]) {
		long began = start_tracer(argv + optind);

		printf("captured_ms=%.1f\n", (await_tracer(&expected) - began) / 1e6);
		tracer_rss_kib();
	}
	if (timing)
		time_idle();
	if (seconds > 0 || limit)
		expected += run_workers(threads);
	printf("expected=%ld\n", expected);
	if (tracer)
		end_tracer();
	return 0;
}
