// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Options in the order in which the help shows them. */
public final class Options {
    private final List<Option<?>> all = new ArrayList<>();

    Options() {}

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

    List<Option<?>> all() {
        return all;
    }

    private <T> Option<T> add(Option<T> option) {
        all.add(option);
        return option;
    }
}
