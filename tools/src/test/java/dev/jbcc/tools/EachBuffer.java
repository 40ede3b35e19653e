// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.BeforeClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs all tests of a class twice: with events by the BPF ring buffer, and by perf rings. The tests of other classes run
 * as the tool chooses, or all by what {@code -Djbcc.test.buffer=perf} says.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ClassTemplate
@ExtendWith(EachBuffer.Kinds.class)
@interface EachBuffer {
    /** Whether it is twice also where {@link Matrix} runs only those with the tag {@code smoke}. */
    boolean smoke() default true;

    /** The two runs. */
    final class Kinds implements ClassTemplateInvocationContextProvider {
        @Override
        public boolean supportsClassTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public Stream<? extends ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(
                ExtensionContext context) {
            boolean both = !Matrix.smoke
                    || context.getRequiredTestClass()
                            .getAnnotation(EachBuffer.class)
                            .smoke();
            return both ? Stream.of(new Kind("ring"), new Kind("perf")) : Stream.of(new Kind("ring"));
        }
    }

    /** One of them. */
    record Kind(String buffer)
            implements ClassTemplateInvocationContext,
                    BeforeClassTemplateInvocationCallback,
                    AfterClassTemplateInvocationCallback {
        @Override
        public String getDisplayName(int index) {
            return buffer;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public void beforeClassTemplateInvocation(ExtensionContext context) {
            Jopensnoop.buffer = buffer;
        }

        @Override
        public void afterClassTemplateInvocation(ExtensionContext context) {
            Jopensnoop.buffer = System.getProperty("jbcc.test.buffer");
        }
    }
}
