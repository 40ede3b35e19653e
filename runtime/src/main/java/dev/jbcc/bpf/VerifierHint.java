// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.bpf;

/**
 * What the verifier's messages usually mean in terms of the C source, and what to change there. The messages are those
 * of kernel/bpf/verifier.c and btf.c from 5.4 to 6.18, and of libbpf, which rewrites the ones about its own relocations.
 */
final class VerifierHint {
    /** What the verifier says when it has gone through as many instructions as it may. */
    static final String GAVE_UP = "BPF program is too large";

    private static final String UNRESOLVED = "failed to resolve CO-RE relocation ";

    private static final String GUARD = " Check the spelling, or guard the use with bpf_core_field_exists(),"
            + " bpf_core_type_exists() or bpf_core_enum_value_exists().";
    private static final String TOO_COMPLEX =
            "The program is too complex, not too long: the verifier follows every round"
                    + " of a loop and every path. Lower the loops' limits, use bpf_loop() (Linux 5.17), or split the work over"
                    + " several programs.";
    private static final String STACK =
            "A program and the functions that it calls have 512 bytes of stack together. Keep"
                    + " large variables in a BPF_MAP_TYPE_PERCPU_ARRAY of one entry.";
    private static final String BOUND = "The verifier does not see that the access stays inside. Compare the index or"
            + " length with the size right before the use, or mask it: & (SIZE - 1) for a power of two.";
    private static final String NO_HELPER =
            "This kind of program may not call this helper, or this kernel is too old for"
                    + " it. Attach to another kind of hook, or use another helper.";
    private static final String NULL_CHECK = "The pointer may be NULL here, as every map lookup and reservation may."
            + " Check it first: if (!pointer) return 0;";
    private static final String READ_KERNEL =
            "For the verifier the address is a plain number, which cannot be followed."
                    + " Read through it with BPF_CORE_READ(), bpf_probe_read_kernel() or, for the address of a process,"
                    + " bpf_probe_read_user().";
    private static final String CONTEXT = "The hook's context has no argument or field at this offset and of this size."
            + " Compare the program's arguments with those of the hook.";
    private static final String CONSTANT_CONTEXT =
            "The context can be read at constant offsets only: name its field, or"
                    + " the argument, instead of an index or a moved pointer.";
    private static final String RELEASE = "Something taken is not given back on every path: each bpf_ringbuf_reserve()"
            + " needs a submit or discard before every return, each acquired object its release.";
    private static final String NO_VALUE = "A variable is used, or the function ends, without a value on some path."
            + " Initialise it, and return a value everywhere.";
    private static final String UNSET_STACK = "Bytes of a local variable are read that were never written, perhaps the"
            + " padding of a struct. Clear it first: = {} or __builtin_memset().";
    private static final String NO_KFUNC =
            "This kernel has no such kernel function (kfunc). Declare it __weak and call it"
                    + " only behind bpf_ksym_exists().";

    /** A part of a message and its hint; the first that is there counts, so the more special ones come first. */
    private static final String[][] HINTS = {
        {"unknown#195896080", "This kernel lacks a field, type or enum value that the program reads." + GUARD},
        {"<invalid CO-RE relocation>", "This kernel lacks a field, type or enum value that the program reads." + GUARD},
        {
            "is referenced but wasn't created",
            "The program uses a map that was not created for this run. Use it only behind the option that creates it, or"
                    + " let it be created."
        },
        {"<invalid kfunc call>", NO_KFUNC},
        {"invalid kernel function call", NO_KFUNC},
        {"calling kernel function", NO_KFUNC},
        {GAVE_UP, TOO_COMPLEX},
        {"jumps is too complex", TOO_COMPLEX},
        {
            "back-edge",
            "Kernels before 5.3 accept no loop, nor do later ones from users without CAP_BPF. Give the loop a constant"
                    + " number of rounds and put #pragma unroll before it."
        },
        {
            "infinite loop detected",
            "Nothing that the verifier knows changes from one round of this loop to the next. Count the rounds in a local"
                    + " variable up to a constant limit."
        },
        {"combined stack size", STACK},
        {"stack limit", STACK},
        {"stack size of subprog", STACK},
        {
            "helper call might sleep",
            "This helper may sleep and this hook may not. Use a sleepable section (such as SEC(\"uprobe.s/…\")), or the"
                    + " helper that does not sleep: bpf_probe_read_user() for bpf_copy_from_user()."
        },
        {
            "helper call is not allowed in probe",
            "The kernel allows this helper in a few functions only (bpf_d_path() in none of the tracepoints). Attach"
                    + " elsewhere, or read the fields with BPF_CORE_READ()."
        },
        {"program of this type cannot use helper", NO_HELPER},
        {"unknown func ", NO_HELPER},
        {
            "invalid func ",
            "This kernel does not know the helper, it is too old for it. Guard the call with"
                    + " bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_…), or do without."
        },
        {
            "non-GPL compatible",
            "The helper is for programs under a GPL-compatible licence only. Declare it if that is so: char LICENSE[]"
                    + " SEC(\"license\") = \"GPL\"; or \"Dual BSD/GPL\"."
        },
        {"Unreleased reference", RELEASE},
        {"reference leak", RELEASE},
        {
            "attach_btf_id",
            "The kernel has nothing of that name that this kind of program can attach to. Check the name in SEC() and the"
                    + " kind of hook."
        },
        {"dereference of modified ctx", CONSTANT_CONTEXT},
        {"variable ctx access", CONSTANT_CONTEXT},
        {"invalid bpf_context access", CONTEXT},
        {"_or_null'", NULL_CHECK},
        {"_or_null prohibited", NULL_CHECK},
        {"_or_null expected=", NULL_CHECK},
        {"ossibly NULL pointer", NULL_CHECK},
        {"invalid mem access 'scalar'", READ_KERNEL},
        {"invalid mem access 'inv'", READ_KERNEL},
        {
            "is not a known constant",
            "The kernel wants a constant here. For a length that varies, reserve the largest, or send with"
                    + " bpf_ringbuf_output()."
        },
        {
            "min value is negative",
            "The length or index may be negative. Make the variable unsigned, and compare it with the size right before"
                    + " the use."
        },
        {"unbounded", BOUND},
        {"invalid access to map value", BOUND},
        {"outside of the a", BOUND}, // allowed memory range, array range
        {"pointer be out of bounds", BOUND},
        {"variable-offset", BOUND},
        {"invalid write to stack", STACK},
        {"invalid stack ", STACK},
        {"invalid indirect read from stack", UNSET_STACK},
        {"invalid read from stack", UNSET_STACK},
        {"!read_ok", NO_VALUE},
        {
            "should have been in",
            "This kind of program may return only the values that the message names; 0 suits nearly every one."
        },
        {
            "access beyond ",
            "The kernel's struct ends before this offset. Declare it with preserve_access_index, so that its fields are"
                    + " found where this kernel has them."
        },
        {
            "only read is supported",
            "A traced program can read the kernel's memory but not change it. Copy the value to a local variable and"
                    + " change that."
        },
        {
            " expected=",
            "The helper wants another kind of argument than the one in this register (R1 is the first argument)."
                    + " Compare the call with the helper's declaration."
        },
        {
            "unreachable insn",
            "Some code can never run; clang leaves it behind a function without a return value or other undefined"
                    + " behaviour. Look at clang's warnings, and return a value everywhere."
        },
        {
            "unknown opcode",
            "This kernel does not know an instruction that clang used. Compile with -mcpu=v3; v4 needs Linux 6.6."
        },
    };

    private VerifierHint() {}

    /** The hint for some lines of a verifier log; null when they are of no known kind. */
    static String of(String messages) {
        String missing = unresolved(messages);
        if (missing != null) {
            return "This kernel has no " + missing + "." + GUARD;
        }
        for (String[] hint : HINTS) {
            if (messages.contains(hint[0])) {
                return hint[1];
            }
        }
        return null;
    }

    /**
     * What a CO-RE relocation did not find, such as {@code struct task_struct.nosuch}; null when the messages do not
     * name it. libbpf writes {@code <byte_off> [5] struct task_struct___new.nosuch (0:0 @ offset 0)}, or with
     * {@code ::NAME = 1} behind an enum; what follows three underscores is not part of the kernel's name.
     */
    private static String unresolved(String messages) {
        int from = messages.indexOf(UNRESOLVED);
        if (from < 0) {
            return null;
        }
        from += UNRESOLVED.length();
        int to = end(messages, from, "\n", messages.length());
        int name = messages.indexOf("] ", from, to);
        if (name < 0) {
            return null;
        }
        name += "] ".length();
        to = end(messages, name, " (", to);
        to = end(messages, name, " = ", to);
        int flavour = end(messages, name, "___", to);
        int member = Math.min(end(messages, flavour, ".", to), end(messages, flavour, "::", to));
        return messages.substring(name, flavour) + messages.substring(member, to);
    }

    private static int end(String text, int from, String mark, int to) {
        int at = text.indexOf(mark, from, to);
        return at < 0 ? to : at;
    }
}
