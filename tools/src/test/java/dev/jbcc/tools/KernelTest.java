// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that load BPF programs: skipped, with the tool's own words, for a user or on a kernel that cannot do that. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
@Timeout(60)
@ExtendWith(KernelCondition.class)
@interface KernelTest {}
