// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.host;

/**
 * Names of signals, as in {@code include/uapi/asm-generic/signal.h}: the numbering of x86, arm64, riscv and s390.
 *
 * {@snippet :
 * System.out.println(SignalName.of(9)); // SIGKILL
 * }
 */
public final class SignalName {
    private static final String[] NAMES = """
            - SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM \
            SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF \
            SIGWINCH SIGIO SIGPWR SIGSYS""".split(" ");
    /** The first of the kernel's real-time signals; the C library keeps a few, so its SIGRTMIN is above. */
    private static final int FIRST_REAL_TIME = 32;

    private static final int LAST = 64;

    private SignalName() {}

    /** The name, such as {@code SIGTERM}; {@code SIG34} for a real-time signal, the number for what is no signal. */
    public static String of(int signal) {
        if (signal > 0 && signal < NAMES.length) {
            return NAMES[signal];
        }
        return signal >= FIRST_REAL_TIME && signal <= LAST ? "SIG" + signal : Integer.toString(signal);
    }
}
