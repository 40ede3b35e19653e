// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestTag;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes the results as JUnit's XML, anew with each test, so that the file is true whenever the guest ends: a test that
 * was running has failed then, and so has the run. A test that was skipped without naming a feature of the kernel has
 * failed too.
 */
final class MatrixReport implements TestExecutionListener {
    private enum State {
        WAITING,
        PASSED,
        SKIPPED,
        FAILED
    }

    /** A test, or a class or method that was left out or failed as a whole. */
    private static final class Result {
        private final String type;
        private final String name;
        private final String tags;
        private State state = State.WAITING;
        private String message = "the guest ended before its turn";
        private long started;
        private double seconds;

        private Result(String type, String name, String tags) {
            this.type = type;
            this.name = name;
            this.tags = tags;
        }
    }

    private final Path file;
    private final String suite;
    private final Map<String, Result> results = new LinkedHashMap<>();
    private final Map<String, String> properties = new TreeMap<>();
    private TestPlan plan;

    /** The suite's name says which kernel it is. */
    MatrixReport(Path file, String suite) {
        this.file = file;
        this.suite = suite;
    }

    /** Whether all tests have ended, and none has failed. */
    synchronized boolean good() {
        return !results.isEmpty()
                && results.values().stream()
                        .allMatch(result -> result.state == State.PASSED || result.state == State.SKIPPED);
    }

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan started) {
        plan = started;
        for (TestIdentifier root : plan.getRoots()) {
            for (TestIdentifier test : plan.getDescendants(root)) {
                if (test.isTest()) {
                    result(test);
                }
            }
        }
        write();
    }

    @Override
    public synchronized void executionStarted(TestIdentifier test) {
        if (test.isTest()) {
            Result result = result(test);
            result.started = System.nanoTime();
            result.state = State.FAILED;
            result.message = "was running when the guest ended";
            write();
        }
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        for (TestIdentifier below : plan.getDescendants(test)) {
            results.remove(below.getUniqueId());
        }
        end(result(test), State.FAILED, "skipped without naming a feature of the kernel: " + reason);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult outcome) {
        Throwable problem = outcome.getThrowable().orElse(null);
        if (test.isContainer() && problem == null) {
            return;
        }
        switch (outcome.getStatus()) {
            case SUCCESSFUL -> end(result(test), State.PASSED, "");
            case ABORTED -> {
                if (problem instanceof MissingFeature) {
                    end(result(test), State.SKIPPED, problem.getMessage());
                } else {
                    end(result(test), State.FAILED, "skipped without naming a feature of the kernel: " + problem);
                }
            }
            case FAILED -> end(result(test), State.FAILED, trace(problem));
        }
    }

    @Override
    public synchronized void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        String hook = entry.getKeyValuePairs().get(ToolHookTest.ENTRY);
        if (hook != null) {
            int equals = hook.indexOf('=');
            properties.put(ToolHookTest.ENTRY + "." + hook.substring(0, equals), hook.substring(equals + 1));
        }
    }

    private Result result(TestIdentifier test) {
        return results.computeIfAbsent(test.getUniqueId(), id -> {
            String type = "?";
            String name = test.getDisplayName();
            if (test.getSource().orElse(null) instanceof MethodSource method) {
                type = method.getClassName();
                // A test with parameters has them in its display name only.
                boolean plain = !test.getLegacyReportingName().endsWith("]");
                name = plain ? method.getMethodName() : method.getMethodName() + " " + name;
            } else if (test.getSource().orElse(null) instanceof ClassSource source) {
                type = source.getClassName();
            }
            name = run(test) + name;
            List<String> tags =
                    test.getTags().stream().map(TestTag::getName).sorted().toList();
            return new Result(type, name, String.join(" ", tags));
        });
    }

    /** Which run it is of a class that runs more than once, see {@link EachBuffer}. */
    private String run(TestIdentifier test) {
        for (TestIdentifier at = test; at != null; at = plan.getParent(at).orElse(null)) {
            if (at.getUniqueIdObject().getLastSegment().getType().equals("class-template-invocation")) {
                return at.getDisplayName() + ": ";
            }
        }
        return "";
    }

    private void end(Result result, State state, String message) {
        result.state = state;
        result.message = message;
        result.seconds = result.started == 0 ? 0 : (System.nanoTime() - result.started) / 1e9;
        System.out.printf(
                "%s %.1f s %s.%s%s%n",
                state == State.PASSED ? "ok  " : state == State.SKIPPED ? "skip" : "FAIL",
                result.seconds,
                result.type.substring(result.type.lastIndexOf('.') + 1),
                result.name,
                message.isEmpty() ? "" : ": " + message.lines().findFirst().orElse(""));
        write();
    }

    private static String trace(Throwable problem) {
        StringWriter text = new StringWriter();
        if (problem != null) {
            problem.printStackTrace(new PrintWriter(text, true));
        }
        return text.toString();
    }

    private void write() {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
            xml.writeStartDocument("UTF-8", "1.0");
            line(xml);
            start(xml, "testsuite", "name", suite, "tests", Integer.toString(results.size()));
            start(xml, "properties");
            for (Map.Entry<String, String> property : properties.entrySet()) {
                start(xml, "property", "name", property.getKey(), "value", property.getValue());
                xml.writeEndElement();
            }
            xml.writeEndElement();
            for (Result result : results.values()) {
                write(xml, result);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        try {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(XMLStreamWriter xml, Result result) throws XMLStreamException {
        line(xml);
        start(
                xml,
                "testcase",
                "classname",
                result.type,
                "name",
                result.name,
                "time",
                Double.toString(result.seconds),
                "tags",
                result.tags);
        String kind = switch (result.state) {
            case PASSED -> null;
            case SKIPPED -> "skipped";
            case WAITING, FAILED -> "failure";
        };
        if (kind != null) {
            start(
                    xml,
                    kind,
                    "message",
                    printable(result.message.lines().findFirst().orElse("")));
            xml.writeCharacters(printable(result.message));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static void start(XMLStreamWriter xml, String element, String... attributes) throws XMLStreamException {
        xml.writeStartElement(element);
        for (int i = 0; i < attributes.length; i += 2) {
            xml.writeAttribute(attributes[i], printable(attributes[i + 1]));
        }
    }

    private static void line(XMLStreamWriter xml) throws XMLStreamException {
        xml.writeCharacters("\n");
    }

    /** XML has no way to write most control characters. */
    private static String printable(String text) {
        return text.replaceAll("[^\t\n\r\\x20-\\uD7FF\\uE000-\\uFFFD]", "?");
    }
}
