// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Writes the table of tools and kernels into the README, between its two comments, from the reports of scripts/vmtest;
 * run by it as {@code java MatrixTable.java README REPORTS}.
 */
final class MatrixTable {
    private static final String BEGIN = "<!-- scripts/vmtest --table begin -->\n";
    private static final String END = "<!-- scripts/vmtest --table end -->\n";

    /** The tests of a class that loads a program for each kind of hook; its rows are below those of the tools. */
    private static final String KINDS = "HookKindTest";

    private static final String KIND = "runs ";

    /** What a kernel's reports say. */
    private static final class Guest {
        private final String version;
        private final Map<String, Integer> failed = new TreeMap<>(); // by tool
        private final Map<String, String> hooks = new TreeMap<>();
        private final Map<String, String> kinds = new TreeMap<>();

        private Guest(String version) {
            this.version = version;
        }
    }

    private final List<Guest> guests = new ArrayList<>();
    private final Set<String> tools = new LinkedHashSet<>();
    private final Set<String> kinds = new LinkedHashSet<>();

    static void main(String[] args) throws IOException, XMLStreamException {
        MatrixTable table = new MatrixTable();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of(args[1]))) {
            for (Path folder : folders) {
                if (Files.exists(folder.resolve("version")) && Files.exists(folder.resolve("TEST-matrix.xml"))) {
                    table.read(folder);
                }
            }
        }
        if (table.guests.isEmpty()) {
            System.err.println("vmtest: no reports below " + args[1] + "; run scripts/vmtest first");
            System.exit(1);
        }
        Path readme = Path.of(args[0]);
        String text = Files.readString(readme);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            System.err.println("vmtest: " + readme + " has no comments around the table");
            System.exit(1);
        }
        Files.writeString(readme, text.substring(0, begin + BEGIN.length()) + table.text() + text.substring(end));
    }

    private void read(Path folder) throws IOException, XMLStreamException {
        Guest guest = new Guest(Files.readString(folder.resolve("version")).strip());
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream in = Files.newInputStream(folder.resolve("TEST-matrix.xml"))) {
            XMLStreamReader xml = factory.createXMLStreamReader(in);
            String type = "";
            String name = "";
            String tags = "";
            String outcome = "";
            while (xml.hasNext()) {
                int kind = xml.next();
                if (kind == XMLStreamConstants.START_ELEMENT) {
                    switch (xml.getLocalName()) {
                        case "property" -> {
                            String tool = xml.getAttributeValue(null, "name").replaceFirst("^hook\\.", "");
                            tools.add(tool);
                            guest.hooks.put(tool, xml.getAttributeValue(null, "value"));
                        }
                        case "testcase" -> {
                            type = xml.getAttributeValue(null, "classname");
                            name = xml.getAttributeValue(null, "name");
                            tags = xml.getAttributeValue(null, "tags");
                            outcome = "yes";
                        }
                        case "skipped" -> outcome = absence(xml.getAttributeValue(null, "message"));
                        case "failure" -> outcome = "failed";
                        default -> {}
                    }
                } else if (kind == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("testcase")) {
                    if (type.endsWith("." + KINDS) && name.startsWith(KIND)) {
                        String of = name.substring(name.lastIndexOf(' ') + 1).replace("\"", "");
                        kinds.add(of);
                        guest.kinds.put(of, outcome);
                    } else {
                        for (String tag : outcome.equals("failed") ? tags.split(" ") : new String[0]) {
                            guest.failed.merge(tag, 1, Integer::sum);
                        }
                    }
                }
            }
        }
        guests.add(guest);
    }

    /** Why a kind of hook is not there, from the message of the skipped test. */
    private static String absence(String message) {
        int config = message.indexOf("CONFIG_");
        if (config >= 0) {
            return "no `" + message.substring(config) + "`";
        }
        return "since " + message.replaceFirst(".*\\(kernel ([0-9.]+) or later\\).*", "$1");
    }

    private String text() {
        guests.sort(Comparator.comparing(guest -> order(guest.version)));
        StringBuilder out = new StringBuilder("| |");
        for (Guest guest : guests) {
            out.append(" Linux ").append(guest.version).append(" |");
        }
        out.append("\n|---|").append("---|".repeat(guests.size())).append('\n');
        for (String tool : tools.stream().sorted().toList()) {
            out.append("| j").append(tool).append(" |");
            for (Guest guest : guests) {
                int failed = guest.failed.getOrDefault(tool, 0);
                out.append(" `")
                        .append(guest.hooks.getOrDefault(tool, "?").replace(" ", "` `"))
                        .append(failed == 0 ? "`" : "`, " + failed + " tests FAILED")
                        .append(" |");
            }
            out.append('\n');
        }
        for (String kind : kinds.stream().sorted().toList()) {
            out.append("| hook `").append(kind).append("` |");
            for (Guest guest : guests) {
                out.append(' ')
                        .append(guest.kinds.getOrDefault(kind, "?"))
                        .append(" |");
            }
            out.append('\n');
        }
        return out.toString();
    }

    /** Sorts 6.1.192-2 before 6.12.118-1. */
    private static String order(String version) {
        StringBuilder order = new StringBuilder();
        for (String part : version.split("[^0-9]+")) {
            order.append(part.isEmpty() ? "" : String.format("%08d", Long.parseLong(part)));
        }
        return order.toString();
    }
}
