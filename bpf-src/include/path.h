/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Absolute paths of directories, by walking dentries and mounts; bpf_d_path is not allowed where the tools need it. */
#ifndef JBCC_PATH_H
#define JBCC_PATH_H

#include "jbcc.h"

/* How many names a directory may have below its root, and how many bytes, before its front is cut. */
#define DIR_DEPTH 256
#define DIR_BYTES 4096

/* A walk from a directory to the root, with where the members are that it reads. */
struct dir_walk {
	u64 dentry;
	u64 mount;
	u64 used;
	u32 d_parent;
	u32 d_name;
	u32 mnt_root;
	u32 mnt_parent;
	u32 mnt_mountpoint;
	char names[DIR_BYTES + NAME_MAX + 1];
};

/*
 * By who walks. Programs on tracepoints and kprobes are not preempted, so none of theirs is used twice. One of fentry can
 * be, but not by itself (the kernel counts that as missed), so there is one for each such program.
 */
#define DIR_OF_TRACEPOINT 0
#define DIR_OF_FENTRY 1

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct dir_walk);
} jbcc_dir SEC(".maps");

#define DIR_MORE 0
#define DIR_ROOT 1
#define DIR_CUT 2

static __always_inline u64 dir_pointer(u64 object, u32 member)
{
	u64 pointer = 0;

	bpf_probe_read_kernel(&pointer, sizeof(pointer), (void *)(object + member));
	return pointer;
}

/*
 * Takes the next name, or passes a mount. The verifier looks at a function of global linkage once, but at a loop's body
 * in every turn and on every way through it. It does not name kernel types: libbpf would look them up in each run of a
 * tool, also where this is not called.
 */
__noinline int jbcc_dir_step(u32 who)
{
	struct dir_walk *walk = bpf_map_lookup_elem(&jbcc_dir, &who);
	u64 dentry, parent, name, at;
	long length;

	if (!walk)
		return DIR_CUT;
	dentry = walk->dentry;
	parent = dir_pointer(dentry, walk->d_parent);
	if (dentry == parent || (walk->mount && dentry == dir_pointer(walk->mount, walk->mnt_root))) {
		u64 above = walk->mount ? dir_pointer(walk->mount, walk->mnt_parent) : 0;

		if (above == walk->mount || !above)
			return DIR_ROOT;
		walk->dentry = dir_pointer(walk->mount, walk->mnt_mountpoint);
		walk->mount = above;
		return DIR_MORE;
	}
	name = dir_pointer(dentry, walk->d_name);
	/* Checked right before its use and not as a copy, or the verifiers of old kernels lose its range: 5.10 when it is
	   kept on the stack across a call, and those before 6.3 when it is in another register. */
	at = walk->used;
	barrier_var(at);
	if (at >= DIR_BYTES)
		return DIR_CUT;
	length = bpf_probe_read_kernel_str(walk->names + at, NAME_MAX + 1, (void *)name);
	if (length <= 0)
		return DIR_CUT;
	walk->used = at + length;
	walk->dentry = parent;
	return DIR_MORE;
}

/*
 * Writes the names from a dentry up to the root of its mount namespace, innermost first, each with its NUL, into `names`,
 * which has DIR_BYTES + NAME_MAX + 1 bytes. Without a mount they end at the root of the file system. `*used` becomes their
 * number; true when the outermost names are missing.
 */
static __always_inline bool dentry_names(char *names, u32 *used, struct dentry *dentry, struct vfsmount *vfsmount, u32 who)
{
	u32 mnt = bpf_core_field_offset(struct mount, mnt);
	struct dir_walk *walk = bpf_map_lookup_elem(&jbcc_dir, &who);
	int step = DIR_MORE;
	u64 length;

	*used = 0;
	if (!walk)
		return true;
	walk->dentry = (u64)dentry;
	walk->mount = vfsmount ? (u64)vfsmount - mnt : 0;
	walk->used = 0;
	walk->d_parent = bpf_core_field_offset(struct dentry, d_parent);
	walk->d_name = bpf_core_field_offset(struct dentry, d_name.name);
	walk->mnt_root = mnt + bpf_core_field_offset(struct vfsmount, mnt_root);
	walk->mnt_parent = bpf_core_field_offset(struct mount, mnt_parent);
	walk->mnt_mountpoint = bpf_core_field_offset(struct mount, mnt_mountpoint);
	for (u32 i = 0; i < DIR_DEPTH && step == DIR_MORE; i++)
		step = jbcc_dir_step(who);
	length = walk->used;
	barrier_var(length);
	if (length > DIR_BYTES + NAME_MAX + 1 || bpf_probe_read_kernel(names, length, walk->names))
		return true;
	*used = length;
	return step != DIR_ROOT;
}

/* The same for a directory. A root set by chroot(2) is passed, so the path is true outside of it too. */
static __always_inline bool dir_names(char *names, u32 *used, struct path *path)
{
	return dentry_names(names, used, BPF_CORE_READ(path, dentry), BPF_CORE_READ(path, mnt), DIR_OF_TRACEPOINT);
}

/* Where the lookup of a path started: the root, the working directory, or the directory of dirfd; NULL: it is not known. */
static __always_inline struct path *lookup_start(struct task_struct *task, int dirfd, bool at_root)
{
	struct fdtable *fdt;
	struct file **slot, *file;

	if (at_root)
		return &BPF_CORE_READ(task, fs)->root;
	if (dirfd == AT_FDCWD)
		return &BPF_CORE_READ(task, fs)->pwd;
	fdt = BPF_CORE_READ(task, files, fdt);
	if ((u32)dirfd >= BPF_CORE_READ(fdt, max_fds))
		return NULL;
	slot = BPF_CORE_READ(fdt, fd) + dirfd;
	if (bpf_probe_read_kernel(&file, sizeof(file), slot) || !file)
		return NULL;
	return &file->f_path;
}

#endif
