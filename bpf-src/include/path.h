/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Absolute paths of directories, by walking dentries and mounts; bpf_d_path is not allowed where the tools need it. */
#ifndef JBCC_PATH_H
#define JBCC_PATH_H

#include "jbcc.h"

/* How many names a directory may have below its root, and how many bytes, before its front is cut. */
#define DIR_DEPTH 256
#define DIR_BYTES 4096

/*
 * Writes the names from `path` up to the root of its mount namespace, innermost first, each with its NUL, into `names`,
 * which has DIR_BYTES + NAME_MAX + 1 bytes. `*used` becomes their number; true when the outermost names are missing. A
 * root set by chroot(2) is passed, so the path is true outside of it too.
 *
 * `used` must point into a map: what the verifier reads from there has no history, so all ways through one turn of the
 * loop end in the same state and it need not follow each of them separately.
 */
static __always_inline bool dir_names(char *names, u32 *used, struct path *path)
{
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct vfsmount *vfsmount = BPF_CORE_READ(path, mnt);
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);

	*used = 0;
	for (u32 i = 0; i < DIR_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		const unsigned char *name;
		u64 at = *used;
		long length;

		if (dentry == parent || dentry == BPF_CORE_READ(mount, mnt.mnt_root)) {
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount || !above)
				return false;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		barrier_var(at); /* or clang checks a copy; before 6.3 the verifier does not transfer its range */
		if (at >= DIR_BYTES)
			break;
		name = BPF_CORE_READ(dentry, d_name.name);
		length = bpf_probe_read_kernel_str(names + at, NAME_MAX + 1, name);
		if (length <= 0)
			break;
		*used = at + length;
		dentry = parent;
	}
	return true;
}

#endif
