// SPDX-License-Identifier: Apache-2.0
package dev.jbcc;

import java.util.Optional;

/**
 * Everything that jbcc reports as an error: what failed and why, what to do about it, and the exit code of a tool that
 * ends with it. The kind is the type, so that a caller can tell a mistake in the arguments from a missing permission.
 */
public abstract sealed class JbccException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String hint;
    private final String detail;

    private JbccException(int exitCode, String message, Throwable cause, String hint, String detail) {
        super(message, cause);
        this.exitCode = exitCode;
        this.hint = hint;
        this.detail = detail;
    }

    /** The exit code of a tool that ends with this error: 1 failed, 2 usage, 3 not permitted, 4 not supported. */
    public final int exitCode() {
        return exitCode;
    }

    /** What to type or change so that it works, in one or a few lines. */
    public final Optional<String> hint() {
        return Optional.ofNullable(hint);
    }

    /** The long form, such as a whole verifier log, for {@code -v}. */
    public final Optional<String> detail() {
        return Optional.ofNullable(detail);
    }

    /** Something went wrong that is none of the other kinds. */
    public static final class Failed extends JbccException {
        private static final long serialVersionUID = 1L;

        public Failed(String message) {
            this(message, null, null, null);
        }

        public Failed(String message, Throwable cause) {
            this(message, cause, null, null);
        }

        public Failed(String message, String hint) {
            this(message, null, hint, null);
        }

        /** Any of {@code cause}, {@code hint} and {@code detail} may be null. */
        public Failed(String message, Throwable cause, String hint, String detail) {
            super(1, message, cause, hint, detail);
        }
    }

    /** The arguments make no sense: an unknown option, a number that is none, a user that does not exist. */
    public static final class Usage extends JbccException {
        private static final long serialVersionUID = 1L;

        public Usage(String message) {
            this(message, null);
        }

        /** The {@code hint} may be null. */
        public Usage(String message, String hint) {
            super(2, message, null, hint, null);
        }
    }

    /** The kernel or the file system refused; the hint names the capability, sysctl or lockdown mode. */
    public static final class NotPermitted extends JbccException {
        private static final long serialVersionUID = 1L;

        public NotPermitted(String message, String hint) {
            this(message, null, hint, null);
        }

        /** Any of {@code cause}, {@code hint} and {@code detail} may be null. */
        public NotPermitted(String message, Throwable cause, String hint, String detail) {
            super(3, message, cause, hint, detail);
        }
    }

    /** This kernel, or this installation, lacks a feature; the message names it, what needs it and what was found. */
    public static final class NotSupported extends JbccException {
        private static final long serialVersionUID = 1L;

        public NotSupported(String message, String hint) {
            this(message, null, hint, null);
        }

        /** Any of {@code cause}, {@code hint} and {@code detail} may be null. */
        public NotSupported(String message, Throwable cause, String hint, String detail) {
            super(4, message, cause, hint, detail);
        }
    }
}
