// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line of a tool, parsed by picocli: options of the tool, then those of every tool, then a command. */
final class Arguments {
    private static final int HELP_WIDTH = 80;

    private final CommandSpec spec = CommandSpec.create();
    private final List<Option<?>> options;

    /**
     * Describes the command line.
     *
     * @param name as the user types it
     * @param own options of the tool
     * @param standard options of every tool
     */
    Arguments(String name, String summary, Options own, Options standard) {
        options = java.util.stream.Stream.concat(own.all().stream(), standard.all().stream())
                .toList();
        spec.name(name);
        UsageMessageSpec usage = spec.usageMessage()
                .width(HELP_WIDTH)
                .autoWidth(false)
                .sortOptions(false)
                .sortSynopsis(false)
                .abbreviateSynopsis(true)
                .description(summary)
                .customSynopsis(name + " [OPTION]… [-- COMMAND [ARGUMENT]…]");
        usage.footer(
                "",
                "With COMMAND: starts it, traces it and all that it starts, and ends with it and its exit status.",
                "Exit status: 0 done, 1 failed, 2 usage, 3 not permitted, 4 not supported by this kernel.");
        for (Option<?> option : options) {
            spec.addOption(describe(option));
        }
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("show this help")
                .build());
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("show the version")
                .build());
    }

    private static OptionSpec describe(Option<?> option) {
        OptionSpec.Builder builder = OptionSpec.builder(option.names().toArray(new String[0]));
        builder.description(escape(option.description()));
        if (option.label() == null) {
            return builder.type(boolean.class).arity("0").build();
        }
        builder.paramLabel(option.label()).arity("1").hideParamSyntax(true);
        // Always a list, so that picocli leaves the texts as they are; Option parses them.
        return builder.type(List.class).auxiliaryTypes(String.class).build();
    }

    /** picocli formats descriptions with String.format. */
    private static String escape(String description) {
        return description.replace("%", "%%");
    }

    /** What the command line asks for. */
    enum Request {
        RUN,
        HELP,
        VERSION
    }

    /**
     * Parses the options; each {@link Option} has its value afterwards.
     *
     * @throws JbccException.Usage when something is wrong with them
     */
    Request parse(List<String> arguments) {
        CommandLine commandLine = new CommandLine(spec);
        commandLine.setExpandAtFiles(false);
        commandLine.setAllowOptionsAsOptionParameters(true); // as getopt(3): else even --path=-x is refused
        ParseResult result;
        try {
            result = commandLine.parseArgs(arguments.toArray(new String[0]));
        } catch (ParameterException wrong) {
            throw new JbccException.Usage(firstLine(wrong.getMessage()), "try: " + spec.name() + " --help");
        }
        if (result.isUsageHelpRequested()) {
            return Request.HELP;
        }
        if (result.isVersionHelpRequested()) {
            return Request.VERSION;
        }
        for (Option<?> option : options) {
            OptionSpec matched = result.matchedOption(option.names().getFirst());
            if (matched != null) {
                if (!option.repeatable() && matched.originalStringValues().size() > 1) {
                    throw new JbccException.Usage(
                            option.names().getLast() + " is given more than once",
                            option.label() == null ? null : "once is enough");
                }
                option.parse(matched.originalStringValues());
            }
        }
        return Request.RUN;
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /** The help text. */
    String help() {
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }
}
