// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SectionTest {
    @Test
    void takesNamesApart() {
        assertEquals(new Section("kprobe", "do_unlinkat"), Section.of("kprobe/do_unlinkat"));
        assertEquals(
                new Section("tracepoint", "syscalls/sys_enter_openat"),
                Section.of("tracepoint/syscalls/sys_enter_openat"));
        assertEquals(new Section("fentry", "vfs_open"), Section.of("?fentry.s/vfs_open"));
        assertEquals(new Section("kprobe.multi", "vfs_*"), Section.of("kprobe.multi/vfs_*"));
        assertEquals(new Section("xdp", ""), Section.of("xdp"));
        assertEquals(new Section("", ""), Section.of(""));
    }

    @Test
    void tellsWhichNameAPlace() {
        for (String section : new String[] {
            "tp_btf/sched_switch",
            "?raw_tp/sys_enter",
            "raw_tracepoint/sys_enter",
            "tp/syscalls/sys_enter_kill",
            "kretprobe/vfs_read",
            "ksyscall/kill",
            "uprobe//bin/bash:readline",
            "uretprobe/libc.so.6:malloc",
            "usdt/libc.so.6:libc:setjmp",
            "lsm.s/bprm_committed_creds"
        }) {
            assertTrue(Section.of(section).namesPlace(), section);
        }
        for (String section : new String[] {
            "kprobe",
            "uprobe",
            "uprobe/dummy",
            "usdt",
            "tp",
            "tracepoint/syscalls",
            "xdp",
            "tc",
            "socket",
            "cgroup_skb/egress",
            "perf_event",
            "iter/task",
            "struct_ops/x",
            "nonsense/x",
            ""
        }) {
            assertFalse(Section.of(section).namesPlace(), section);
        }
        assertTrue(Section.of("?iter.s/task").isIterator());
        assertTrue(Section.of("perf_event").isSampled());
    }
}
