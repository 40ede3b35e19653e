// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.ArrayList;
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
        options = new ArrayList<>(own.all());
        options.addAll(standard.all());
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
            List<String> shown = option.shownNames();
            spec.addOption(describe(option, shown).build());
            List<String> aliases =
                    option.names().subList(shown.size(), option.names().size());
            if (!aliases.isEmpty()) {
                spec.addOption(describe(option, aliases).hidden(true).build());
            }
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

    /** picocli would show an alias before a longer name, so aliases are options of their own, which it does not show. */
    private static OptionSpec.Builder describe(Option<?> option, List<String> names) {
        OptionSpec.Builder builder = OptionSpec.builder(names.toArray(new String[0]));
        builder.description(escape(option.description()));
        if (option.label() == null) {
            return builder.type(boolean.class).arity("0");
        }
        builder.paramLabel(option.label()).arity("1").hideParamSyntax(true);
        // Always a list, so that picocli leaves the texts as they are; Option parses them.
        return builder.type(List.class).auxiliaryTypes(String.class);
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
        commandLine.setOverwrittenOptionsAllowed(true); // it is refused below, in the same words for all
        commandLine.setUnmatchedOptionsAllowedAsOptionParameters(true);
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
            List<String> texts = texts(result, option);
            if (texts.isEmpty()) {
                continue;
            }
            if (!option.repeatable() && texts.size() > 1) {
                throw new JbccException.Usage(option.shownNames().getLast() + " is given more than once");
            }
            option.parse(texts);
        }
        return Request.RUN;
    }

    /** What was typed for the option under any of its names; a flag has one text for each time. */
    private static List<String> texts(ParseResult result, Option<?> option) {
        List<String> texts = new ArrayList<>();
        for (String name : option.names()) {
            OptionSpec matched = result.matchedOption(name);
            if (matched != null && matched.longestName().equals(name)) {
                texts.addAll(matched.originalStringValues());
            }
        }
        return texts;
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
