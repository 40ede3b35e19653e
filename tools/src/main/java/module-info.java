// SPDX-License-Identifier: Apache-2.0

/** The jbcc tools, one class each, found by name: {@code jopensnoop} is {@code Opensnoop}. */
module dev.jbcc.tools {
    requires dev.jbcc.runtime;

    exports dev.jbcc.tools to
            dev.jbcc.runtime;
}
