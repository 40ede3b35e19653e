// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Options in the order in which the help shows them.
 *
 * <p>{@link EventTool} shows its use.
 */
public final class Options {
    private final List<Option<?>> all = new ArrayList<>();
    private final List<Option<?>> operands = new ArrayList<>();
    private final Set<String> taken = new LinkedHashSet<>();
    private final Set<String> leftOut = new LinkedHashSet<>();
    private final Map<String, String> letters = new LinkedHashMap<>();
    private final Map<String, String> descriptions = new LinkedHashMap<>();

    Options() {}

    /**
     * Says which names of standard options mean something else in this tool, because they do in BCC's tool of this name.
     * An option of the tool that has such a name takes it; the standard option keeps its other names, if it has any.
     */
    public void takeAsInBcc(String... names) {
        taken.addAll(List.of(names));
    }

    /** Says which standard options, known by their long names, this tool does not have. */
    void leaveOut(String... longNames) {
        leftOut.addAll(List.of(longNames));
    }

    /** Gives a standard option, known by its long name, a letter that it has in BCC's tool. */
    public void letter(String letter, String longName) {
        letters.put(letter, longName);
    }

    /** Says what a standard option, known by its long name, does here, where that differs from what the tools do. */
    void describe(String longName, String description) {
        descriptions.put(longName, description);
    }

    /** What {@link #takeAsInBcc} said. */
    Set<String> taken() {
        return taken;
    }

    /** Lets these options, the standard ones, have only the names that a tool leaves them, and the letters it gives. */
    void yieldTo(Options tool) {
        all.removeIf(option -> !Collections.disjoint(option.names(), tool.leftOut));
        for (Option<?> option : all) {
            option.drop(tool.taken);
        }
        all.removeIf(option -> option.names().isEmpty());
        tool.letters.forEach((letter, longName) -> {
            for (Option<?> option : all) {
                if (option.names().contains(longName)) {
                    option.addLetter(letter);
                }
            }
        });
        tool.descriptions.forEach((longName, description) -> {
            for (Option<?> option : all) {
                if (option.names().contains(longName)) {
                    option.describe(description);
                }
            }
        });
    }

    /** An option without a value: true when it is given. */
    public Option<Boolean> flag(String description, String... names) {
        return add(new Option<>(List.of(names), null, description, false, false, texts -> true));
    }

    /**
     * An option with a value.
     *
     * @param label how the help calls the value
     * @param initial the value when it is not given; may be null
     * @param parser throws {@link dev.jbcc.JbccException.Usage} when the text makes no sense
     */
    public <T> Option<T> value(
            String label, T initial, Function<String, T> parser, String description, String... names) {
        return add(new Option<>(
                List.of(names), label, description, false, initial, texts -> parser.apply(texts.getLast())));
    }

    /** An option whose values add up: it can be repeated, and each value can be a list separated by commas. */
    public <T> Option<List<T>> list(String label, Function<String, T> parser, String description, String... names) {
        return add(new Option<>(List.of(names), label, description, true, List.of(), texts -> {
            List<T> values = new ArrayList<>();
            for (String text : texts) {
                for (String element : text.split(",", -1)) {
                    values.add(parser.apply(element));
                }
            }
            return List.copyOf(values);
        }));
    }

    /** What is typed without a name: a value that may be left out. Operands get what is typed in their order. */
    public <T> Option<T> operand(String label, T initial, Function<String, T> parser, String description) {
        return addOperand(new Option<>(
                List.of(label), label, description, false, initial, texts -> parser.apply(texts.getLast())));
    }

    /** As above: all that is left, of which there may be none. It must be the last operand. */
    public <T> Option<List<T>> operands(String label, Function<String, T> parser, String description) {
        return addOperand(new Option<>(
                List.of(label),
                label,
                description,
                true,
                List.of(),
                texts -> texts.stream().map(parser).toList()));
    }

    List<Option<?>> all() {
        return all;
    }

    /** What has no names, known by its label. */
    List<Option<?>> operands() {
        return operands;
    }

    private <T> Option<T> addOperand(Option<T> operand) {
        operands.add(operand);
        return operand;
    }

    private <T> Option<T> add(Option<T> option) {
        all.add(option);
        return option;
    }
}
