/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what it costs to attach one program to 10, 100, 1000 kernel functions by kprobe.multi, and one by one, in
 * turn: milliseconds to attach and to detach, and nanoseconds that a call of one of these functions takes longer. To be
 * run as root:
 *
 *	clang -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -c tools/src/test/c/many.bpf.c -o /tmp/many.bpf.o
 *	gcc -O2 -o /tmp/many tools/src/test/c/many.c -lbpf
 *	/tmp/many /tmp/many.bpf.o 10 1000 3	(from 10 to 1000 functions, three times)
 *
 * The functions are __x64_sys_getppid, which is called, and others that are hardly ever.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MOST 1000
#define BATCHES 10
#define CALLS 20000 /* in each batch, of which the quickest counts */

static const char *RARE[] = { "acpi_", "pci_", "tty_", "snd_", "drm_", "efi_", "hid_", "usb_", "led_", "regmap_", "i2c_" };

static const char *functions[MOST];
static struct bpf_link *links[MOST];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Functions of one name are one by it. */
static int known(const char *name, int count)
{
	while (count--)
		if (!strcmp(functions[count], name))
			return 1;
	return 0;
}

static int find(void)
{
	FILE *in = fopen("/sys/kernel/tracing/available_filter_functions", "r");
	char line[1024];
	int count = 1;

	functions[0] = "__x64_sys_getppid";
	while (in && count < MOST && fgets(line, sizeof(line), in)) {
		line[strcspn(line, " \t\n")] = 0;
		for (size_t i = 0; i < sizeof(RARE) / sizeof(*RARE); i++) {
			if (!strncmp(line, RARE[i], strlen(RARE[i])) && !strchr(line, '.') &&
			    !known(line, count)) {
				functions[count++] = strdup(line);
				break;
			}
		}
	}
	return count;
}

static double call(void)
{
	double best = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		double start = now(), taken;

		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
		taken = (now() - start) / CALLS;
		if (!batch || taken < best)
			best = taken;
	}
	return best;
}

/* How many are attached; 0: this kernel does not do it. */
static int attach(struct bpf_program *program, int count, int multi)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = functions, .cnt = count);
	int attached = 0;

	memset(links, 0, sizeof(links));
	if (multi) {
		links[0] = bpf_program__attach_kprobe_multi_opts(program, NULL, &opts);
		return links[0] ? count : 0;
	}
	for (int i = 0; i < count; i++) {
		links[i] = bpf_program__attach_kprobe(program, 0, functions[i]);
		attached += links[i] != NULL;
	}
	return attached;
}

static void measure(struct bpf_object *object, const char *name, int count, double bare)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);
	double start = now(), attached, called;
	int done = attach(program, count, !strcmp(name, "multi"));

	if (!done) {
		printf("%-6s %4d cannot be attached\n", name, count);
		return;
	}
	attached = now();
	called = call();
	start = attached - start;
	attached = now();
	for (int i = 0; i < count; i++)
		bpf_link__destroy(links[i]);
	printf("%-6s %4d of %4d: attach %8.1f ms, detach %8.1f ms, call +%.0f ns\n", name, done, count, start / 1e6,
	       (now() - attached) / 1e6, called - bare);
	fflush(stdout);
}

static struct bpf_object *load(const char *file, const char *name)
{
	struct bpf_object *object = bpf_object__open_file(file, NULL);

	bpf_program__set_autoload(bpf_object__find_program_by_name(object, name), true);
	return bpf_object__load(object) ? NULL : object;
}

int main(int count, char **arguments)
{
	struct bpf_object *multi, *single;
	int found = find();
	struct rlimit files = { 4096, 4096 };
	double bare;

	if (count != 5) {
		fprintf(stderr, "Usage: many many.bpf.o FROM TO ROUNDS\n");
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	libbpf_set_print(NULL);
	multi = load(arguments[1], "multi");
	single = load(arguments[1], "single");
	if (!multi || !single || found < MOST) {
		fprintf(stderr, "cannot load, or there are but %d functions\n", found);
		return 1;
	}
	bare = call();
	printf("getppid: %.0f ns\n", bare);
	for (int round = 0; round < atoi(arguments[4]); round++) {
		for (int n = atoi(arguments[2]); n <= MOST && n <= atoi(arguments[3]); n *= 10) {
			measure(multi, "multi", n, bare);
			measure(single, "single", n, bare);
		}
	}
	return 0;
}
