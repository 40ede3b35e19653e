// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tools;

import dev.jbcc.JbccException;
import dev.jbcc.bpf.KernelTrial;
import dev.jbcc.output.Escape;
import dev.jbcc.output.OutputBuffer;
import dev.jbcc.tool.Command;
import dev.jbcc.tool.Installation;
import dev.jbcc.tool.Option;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code jbcc doctor}: what this host has for tracing, and which tools work; everything is really tried. */
public final class Doctor extends Command {
    private final Option<Boolean> json =
            options.value("FORMAT", false, Doctor::isJson, "table or json; table unless given", "-o", "--output");

    /** Of the line before, which is not repeated. */
    private String lastHint = "";

    public Doctor() {
        super("Tells what this host has for tracing, and which tools work.");
    }

    private static boolean isJson(String text) {
        return switch (text) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new JbccException.Usage("'" + text + "' is neither table nor json");
        };
    }

    @Override
    protected int run(String name, PrintStream err) throws IOException {
        OutputBuffer out = new OutputBuffer(new FileOutputStream(FileDescriptor.out));
        ToolTrial.endWithThisProcess();
        boolean well = print(HostFacts.all(), out);
        print(hooks(), out); // what a kernel lacks is of no matter if all tools work
        List<Finding> tools = new ArrayList<>();
        for (String tool : Installation.tools()) {
            tools.add(ToolTrial.of(tool));
        }
        well &= print(tools, out);
        if (json.get()) {
            out.append("{\"summary\":{\"well\":" + well + "}}\n");
        } else {
            out.append(
                    well
                            ? "\nAll is well.\n"
                            : "\nNot all is well: see each no and ? of host and tool above; those of hook do not count.\n");
        }
        out.flush();
        return well ? 0 : 1;
    }

    private static List<Finding> hooks() {
        List<KernelTrial> trials;
        try {
            trials = KernelTrial.all();
        } catch (JbccException failure) {
            return List.of(new Finding(
                    "hook",
                    "all",
                    Finding.State.UNKNOWN,
                    failure.getMessage(),
                    failure.hint().orElse("set JBCC_CLANG to another clang"),
                    failure.detail().orElse("")));
        }
        List<Finding> findings = new ArrayList<>();
        for (KernelTrial trial : trials) {
            if (trial.works()) {
                findings.add(new Finding("hook", trial.name(), Finding.State.YES, "", "", ""));
            } else {
                String needed = "needs kernel " + trial.feature().since()
                        + trial.feature()
                                .config()
                                .map(option -> " with CONFIG_" + option)
                                .orElse("");
                findings.add(Finding.refused("hook", trial.name(), trial.refusal(), needed));
            }
        }
        return findings;
    }

    /** Whether nothing is wrong among them. */
    private boolean print(List<Finding> findings, OutputBuffer out) throws IOException {
        boolean well = true;
        for (Finding finding : findings) {
            well &= finding.state() == Finding.State.FACT || finding.state() == Finding.State.YES;
            if (json.get()) {
                json(finding, out);
            } else {
                table(finding, out);
            }
        }
        out.flush();
        return well;
    }

    private void table(Finding finding, OutputBuffer out) {
        cell(finding.group(), 5, out);
        cell(finding.name(), 32, out);
        if (finding.value().isEmpty()) {
            out.append(finding.state().word() + "\n");
            return;
        }
        cell(finding.state().word(), 4, out);
        String[] lines = finding.value().split("\n");
        out.append(Escape.terminal(lines[0]));
        for (int i = 1; i < lines.length; i++) {
            out.append("\n");
            out.blanks(44);
            out.append(Escape.terminal(lines[i].strip()));
        }
        boolean repeated = finding.hint().isEmpty() || finding.hint().equals(lastHint);
        lastHint = finding.hint();
        for (String line : repeated ? new String[0] : finding.hint().split("\n")) {
            out.append("\n");
            out.blanks(44);
            out.append("-> ");
            out.append(Escape.terminal(line));
        }
        out.append("\n");
        String detail = verbose.get() ? finding.detail() : "";
        for (String line : detail.isEmpty() ? new String[0] : detail.split("\n")) {
            String text = line.stripTrailing().replace("\t", "        ");
            out.blanks(text.isEmpty() ? 0 : 6);
            out.append(Escape.terminal(text));
            out.append("\n");
        }
    }

    private static void cell(String text, int width, OutputBuffer out) {
        out.append(text);
        out.blanks(Math.max(1, width + 1 - text.length()));
    }

    private void json(Finding finding, OutputBuffer out) {
        String state = switch (finding.state()) {
            case FACT -> "fact";
            case YES -> "yes";
            case NO -> "no";
            case UNKNOWN -> "unknown";
        };
        field("{\"group\":", finding.group(), out);
        field(",\"name\":", finding.name(), out);
        field(",\"state\":", state, out);
        field(",\"value\":", finding.value(), out);
        field(",\"hint\":", finding.hint(), out);
        field(",\"detail\":", verbose.get() ? finding.detail() : "", out);
        out.append("}\n");
    }

    private static void field(String key, String value, OutputBuffer out) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.append(key);
        out.append("\"");
        Escape.json(bytes, bytes.length, out);
        out.append("\"");
    }
}
