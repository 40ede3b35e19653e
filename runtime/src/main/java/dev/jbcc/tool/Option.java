// SPDX-License-Identifier: Apache-2.0
package dev.jbcc.tool;

import dev.jbcc.JbccException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One option of a tool: what is typed, what it means, and after parsing its value.
 *
 * <p>{@link EventTool} shows its use.
 *
 * @param <T> the value: a {@code Boolean} for a flag, a {@code List} for one that can be repeated
 */
public final class Option<T> {
    private List<String> names;
    private final String label;
    private String description;
    private final boolean repeatable;
    private final Function<List<String>, T> parser;
    private T value;
    private boolean given;

    Option(
            List<String> names,
            String label,
            String description,
            boolean repeatable,
            T initial,
            Function<List<String>, T> parser) {
        this.names = names;
        this.label = label;
        this.description = description;
        this.repeatable = repeatable;
        this.value = initial;
        this.parser = parser;
    }

    /** The value that was given, else the default. */
    public T get() {
        return value;
    }

    /** Whether the option was typed. */
    public boolean given() {
        return given;
    }

    /** The names with their dashes: a short one if there is any, the one that people are to type, then aliases. */
    public List<String> names() {
        return names;
    }

    /** Gives names away. */
    void drop(Set<String> taken) {
        List<String> left = new ArrayList<>(names);
        if (left.removeAll(taken)) {
            names = List.copyOf(left);
        }
    }

    void describe(String other) {
        description = other;
    }

    void addLetter(String letter) {
        List<String> more = new ArrayList<>(names);
        more.addFirst(letter);
        names = List.copyOf(more);
    }

    /** The names that the help shows: not the aliases, which are there for people who come from BCC. */
    List<String> shownNames() {
        return names.subList(0, names.getFirst().startsWith("--") ? 1 : Math.min(2, names.size()));
    }

    /** How the value is called in the help; null for a flag. */
    String label() {
        return label;
    }

    String description() {
        return description;
    }

    boolean repeatable() {
        return repeatable;
    }

    void parse(List<String> texts) {
        try {
            value = parser.apply(texts);
        } catch (JbccException.Usage wrong) {
            throw new JbccException.Usage(
                    names.getLast() + ": " + wrong.getMessage(), wrong.hint().orElse(null));
        }
        given = true;
    }
}
