// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Finds out once whether BPF works here, by running the tool on {@code true}. Only "not permitted" and "not supported"
 * are reasons to skip; any other failure is one of the tests.
 */
final class KernelCondition implements ExecutionCondition {
    private static final int NOT_PERMITTED = 3;
    private static final int NOT_SUPPORTED = 4;

    private static ConditionEvaluationResult result;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        synchronized (KernelCondition.class) {
            if (result == null) {
                result = find();
            }
            return result;
        }
    }

    private static ConditionEvaluationResult find() {
        if (!Files.isExecutable(Path.of("/usr/bin/gcc")) && !Files.isExecutable(Path.of("/usr/bin/clang"))) {
            return ConditionEvaluationResult.disabled("no C compiler for the workload: apt install gcc libc6-dev");
        }
        Run run = Jopensnoop.run("--", "true");
        return switch (run.exit()) {
            case 0 -> ConditionEvaluationResult.enabled("jopensnoop runs");
            case NOT_PERMITTED, NOT_SUPPORTED -> {
                if (Guest.running()) {
                    throw new AssertionError("the tools work on every kernel of the matrix: " + run);
                }
                yield ConditionEvaluationResult.disabled(run.err().strip());
            }
            default -> throw new AssertionError("jopensnoop -- true: " + run);
        };
    }
}
