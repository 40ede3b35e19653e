// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line of a tool, parsed by picocli: options of the tool, then those of every tool, then a command. */
final class Arguments {
    private static final int HELP_WIDTH = 80;

    private static final List<String> HELP = List.of("-h", "--help");
    private static final List<String> VERSION = List.of("-V", "--version");
    /** In place of what is typed: all options. */
    private static final List<String> ALL = List.of("all");

    private final String name;
    private final String summary;
    private final List<Option<?>> options;
    private final List<Option<?>> operands;
    private final boolean traces;

    /**
     * Describes the command line of a tool.
     *
     * @param name as the user types it
     * @param own options of the tool
     * @param standard options of every tool, which yield to the tool's
     */
    Arguments(String name, String summary, Options own, Options standard) {
        this(name, summary, own, standard, true);
    }

    /** Describes the command line of a command. */
    Arguments(String name, Command command) {
        this(name, command.summary(), command.options(), command.standard(), command.traces());
    }

    private Arguments(String name, String summary, Options own, Options standard, boolean traces) {
        this.name = name;
        this.summary = summary;
        this.traces = traces;
        standard.yieldTo(own);
        options = new ArrayList<>(own.all());
        options.addAll(standard.all());
        operands = own.operands();
    }

    /** The options, all or those that {@code typed} may be; picocli takes a third of a millisecond for each. */
    private CommandSpec describe(List<String> typed) {
        CommandSpec spec = CommandSpec.create().name(name);
        for (Option<?> option : options) {
            List<String> shown = option.shownNames();
            if (mayBe(shown, typed)) {
                spec.addOption(describe(option, shown).build());
            }
            List<String> aliases =
                    option.names().subList(shown.size(), option.names().size());
            if (!aliases.isEmpty() && mayBe(aliases, typed)) {
                spec.addOption(describe(option, aliases).hidden(true).build());
            }
        }
        if (mayBe(HELP, typed)) {
            spec.addOption(OptionSpec.builder(HELP.toArray(new String[0]))
                    .usageHelp(true)
                    .description("show this help")
                    .build());
        }
        if (mayBe(VERSION, typed)) {
            spec.addOption(OptionSpec.builder(VERSION.toArray(new String[0]))
                    .versionHelp(true)
                    .description("show the version")
                    .build());
        }
        if (typed == ALL) {
            for (Option<?> operand : operands) {
                // For the help alone: each with its description.
                spec.addPositional(operand(operand.label())
                        .description(escape(operand.description()))
                        .build());
            }
        } else if (!operands.isEmpty()) {
            spec.addPositional(operand("OPERAND").build());
        }
        return spec;
    }

    /** Whether one of the names is among the arguments: a long one before a =, a letter anywhere in a cluster. */
    private static boolean mayBe(List<String> names, List<String> typed) {
        if (typed == ALL) {
            return true;
        }
        for (String argument : typed) {
            for (String name : names) {
                if (name.startsWith("--")
                        ? argument.equals(name) || argument.startsWith(name) && argument.charAt(name.length()) == '='
                        : argument.startsWith("-") && argument.indexOf(name.charAt(1), 1) > 0) {
                    return true;
                }
            }
        }
        return false;
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

    /** As a list of all that is typed, which {@link #parseOperands} shares out. */
    private static PositionalParamSpec.Builder operand(String label) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .index("0..*")
                .arity("0..*")
                .hideParamSyntax(true)
                .type(List.class)
                .auxiliaryTypes(String.class);
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
        ParseResult result;
        try {
            result = parse(describe(arguments), arguments);
        } catch (ParameterException incomplete) {
            try {
                result = parse(describe(ALL), arguments);
            } catch (ParameterException wrong) {
                throw new JbccException.Usage(firstLine(wrong.getMessage()), "try: " + name + " --help");
            }
        }
        if (result.isUsageHelpRequested()) {
            takeOperandsForHelp(result);
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
        if (!operands.isEmpty()) {
            parseOperands(result.matchedPositional(0));
        }
        return Request.RUN;
    }

    /** The help can say more of an operand; what cannot be understood is what somebody wants the help for. */
    private void takeOperandsForHelp(ParseResult result) {
        try {
            if (!operands.isEmpty()) {
                parseOperands(result.matchedPositional(0));
            }
        } catch (JbccException.Usage wrong) {
            // The operand has its default.
        }
    }

    private void parseOperands(PositionalParamSpec typed) {
        List<String> texts = typed == null ? List.of() : typed.originalStringValues();
        int at = 0;
        for (Option<?> operand : operands) {
            int end = operand.repeatable() ? texts.size() : Math.min(at + 1, texts.size());
            if (at < end) {
                operand.parse(texts.subList(at, end));
                at = end;
            }
        }
        if (at < texts.size()) {
            throw new JbccException.Usage("what is '" + texts.get(at) + "'?", "try: " + name + " --help");
        }
    }

    private static ParseResult parse(CommandSpec spec, List<String> arguments) {
        CommandLine commandLine = new CommandLine(spec);
        commandLine.setExpandAtFiles(false);
        commandLine.setOverwrittenOptionsAllowed(true); // parse refuses it, in the same words for all
        commandLine.setAllowOptionsAsOptionParameters(true); // as getopt(3): else even --path=-x is refused
        return commandLine.parseArgs(arguments.toArray(new String[0]));
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
        CommandSpec spec = describe(ALL);
        UsageMessageSpec usage = spec.usageMessage()
                .width(HELP_WIDTH)
                .autoWidth(false)
                .sortOptions(false)
                .sortSynopsis(false)
                .abbreviateSynopsis(true)
                .description(summary)
                .customSynopsis(name + " [OPTION]…" + synopsis());
        if (traces) {
            usage.footer(
                    "",
                    "With COMMAND: starts it, traces it and all that it starts, and ends with it and its exit status.",
                    "Exit status: 0 done, 1 failed, 2 usage, 3 not permitted, 4 not supported by this kernel.");
        } else {
            usage.footer("", "Exit status: 0 done, 1 failed, 2 usage.");
        }
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private String synopsis() {
        StringBuilder text = new StringBuilder();
        for (Option<?> operand : operands) {
            text.append(" [").append(operand.label()).append(operand.repeatable() ? "…]" : "]");
        }
        return text.append(traces ? " [-- COMMAND [ARGUMENT]…]" : "").toString();
    }
}
