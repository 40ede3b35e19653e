// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Counts the tests in surefire's XML reports and says why each skipped one was skipped; run by scripts/test as
 * {@code java TestReport.java [LABEL=]REPORT_DIR…}; the label is put before the tests of that folder, since the same ones
 * run in several kernels. Exits with 1 if one failed or if none ran.
 */
final class TestReport {
    private String label = "";
    private int passed;
    private final List<String> failed = new ArrayList<>();
    private int skipped;

    /** Tests by the reason for which they were skipped. */
    private final Map<String, List<String>> reasons = new TreeMap<>();

    static void main(String[] dirs) throws IOException, XMLStreamException {
        TestReport report = new TestReport();
        for (String arg : dirs) {
            int equals = arg.startsWith("/") ? -1 : arg.indexOf('=');
            report.label = equals < 0 ? "" : arg.substring(0, equals) + ": ";
            String dir = arg.substring(equals + 1);
            try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(dir), "TEST-*.xml")) {
                for (Path file : files) {
                    report.read(file);
                }
            }
        }
        report.print();
        System.exit(report.failed.isEmpty() && report.passed > 0 ? 0 : 1);
    }

    private void read(Path file) throws IOException, XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader xml = factory.createXMLStreamReader(in);
            String test = "";
            boolean open = false;
            while (xml.hasNext()) {
                int kind = xml.next();
                if (kind == XMLStreamConstants.START_ELEMENT) {
                    switch (xml.getLocalName()) {
                        case "testcase" -> {
                            test = name(xml);
                            open = true;
                        }
                        case "skipped" -> {
                            skip(test, reason(xml));
                            open = false;
                        }
                        case "failure", "error" -> {
                            failed.add(test);
                            open = false;
                        }
                        default -> {}
                    }
                } else if (kind == XMLStreamConstants.END_ELEMENT && open && xml.getLocalName().equals("testcase")) {
                    passed++;
                    open = false;
                }
            }
        }
    }

    private String name(XMLStreamReader testcase) {
        String type = testcase.getAttributeValue(null, "classname");
        String method = testcase.getAttributeValue(null, "name");
        String shortType = type == null ? "?" : type.substring(type.lastIndexOf('.') + 1);
        return label + (method == null || method.isEmpty() || method.equals(type) ? shortType : shortType + "." + method);
    }

    /** The reason of a {@code skipped} element: an attribute for a disabled test, a stack trace for an assumption. */
    private static String reason(XMLStreamReader skipped) throws XMLStreamException {
        String message = skipped.getAttributeValue(null, "message");
        if (message == null) {
            String prefix = skipped.getAttributeValue(null, "type") + ": ";
            message = skipped.getElementText();
            int stack = message.indexOf("\n\tat ");
            message = stack < 0 ? message : message.substring(0, stack);
            message = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
        }
        message = message.strip();
        String assumed = "Assumption failed: ";
        message = message.startsWith(assumed) ? message.substring(assumed.length()) : message;
        return message.isEmpty() ? "no reason given" : message;
    }

    private void skip(String test, String reason) {
        skipped++;
        reasons.computeIfAbsent(reason, r -> new ArrayList<>()).add(test);
    }

    private void print() {
        reasons.forEach((reason, tests) -> {
            System.out.println("skipped, " + reason + ":");
            tests.forEach(test -> System.out.println("    " + test));
        });
        for (String test : failed) {
            System.out.println("FAILED " + test);
        }
        if (passed == 0 && failed.isEmpty()) {
            System.out.println("no test ran");
        }
        System.out.println(passed + " passed, " + failed.size() + " failed, " + skipped + " skipped");
    }
}
