/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes clang describe the types of kernel.h as the headers of a kernel define them, for kernels that do not describe
 * their own. Compiled for the machine, not for BPF, whose compiler refuses the assembly in the headers.
 */
#include <linux/version.h>
#if defined(CONFIG_RANDSTRUCT) || defined(CONFIG_GCC_PLUGIN_RANDSTRUCT)
#error "this kernel was built with CONFIG_RANDSTRUCT: its headers do not tell the order of members"
#endif
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/binfmts.h>
#include <uapi/linux/bpf.h>
#include <linux/cgroup-defs.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernfs.h>
#include <linux/mm_types.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <net/net_namespace.h>
#include <asm/ptrace.h>
#include <asm/thread_info.h>

/*
 * What only sources of the kernel define, as far as members are read. fs/mount.h: the same from 3.3 to 7.2; before 5.11
 * a count came first in mnt_namespace. kernel/cgroup/cgroup-internal.h: the same since 3.15.
 */
struct mount {
	struct hlist_node mnt_hash;
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct mnt_namespace {
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	atomic_t count;
#endif
	struct ns_common ns;
};

struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct css_set *cset;
	struct list_head cset_link;
	struct list_head cgrp_link;
};

/* A type is described whole when a variable of it is there. */
#define TYPE(name) struct name jbcc_##name
TYPE(cgroup);
TYPE(cgroup_root);
TYPE(cgroup_subsys_state);
TYPE(cgrp_cset_link);
TYPE(css_set);
TYPE(dentry);
TYPE(fdtable);
TYPE(file);
TYPE(file_system_type);
TYPE(files_struct);
TYPE(fs_struct);
TYPE(inode);
TYPE(kernfs_node);
TYPE(linux_binprm);
TYPE(list_head);
TYPE(mm_struct);
TYPE(mnt_namespace);
TYPE(mount);
TYPE(net);
TYPE(ns_common);
TYPE(nsproxy);
TYPE(path);
TYPE(pid);
TYPE(pid_namespace);
TYPE(pt_regs);
TYPE(qstr);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
TYPE(renamedata);
#endif
TYPE(signal_struct);
TYPE(super_block);
TYPE(task_struct);
TYPE(thread_info);
TYPE(upid);
TYPE(vfsmount);
atomic_t jbcc_atomic_t;
enum bpf_func_id jbcc_bpf_func_id;
enum cgroup_subsys_id jbcc_cgroup_subsys_id;
