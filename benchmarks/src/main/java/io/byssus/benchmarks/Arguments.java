package io.byssus.benchmarks;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The command line of every program in this module: {@code --name value} pairs and bare {@code
 * --flag}s, nothing else.
 *
 * <p>It is a page of code and not a library because each peer server should start with as little
 * foreign code as possible: what a peer loads counts towards the peak memory that is printed for
 * it.
 *
 * <p><b>Ownership:</b> immutable after {@link #parse}.
 */
public final class Arguments {
    private final String usage;
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> flags = new HashSet<>();

    private Arguments(String usage) {
        this.usage = usage;
    }

    /**
     * Parses {@code arguments}; on a mistake or {@code --help} it prints the usage and ends the
     * process, since these are programs and have nobody else to tell.
     *
     * @param usage the whole help text
     * @param valued names of the options that take a value, without dashes
     * @param bare names of the options that take none
     */
    public static Arguments parse(
            String[] arguments, String usage, List<String> valued, List<String> bare) {
        Arguments parsed = new Arguments(usage);
        if (List.of(arguments).contains("--help")) {
            System.out.println(usage);
            System.exit(0);
        }
        parsed.read(arguments, valued, bare);
        return parsed;
    }

    private void read(String[] arguments, List<String> valued, List<String> bare) {
        for (int index = 0; index < arguments.length; index++) {
            String argument = arguments[index];
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String key = name.startsWith("--") ? name.substring(2) : "";
            if (bare.contains(key) && equals < 0) {
                flags.add(key);
            } else if (!valued.contains(key)) {
                throw refusal("unknown option " + argument);
            } else if (equals >= 0) {
                values.put(key, argument.substring(equals + 1));
            } else if (++index < arguments.length) {
                values.put(key, arguments[index]);
            } else {
                throw refusal("option " + argument + " needs a value");
            }
        }
    }

    /**
     * Ends the process with what is wrong and the usage. It is declared to answer an exception so
     * that the caller can throw it and the compiler knows that nothing follows.
     */
    public RuntimeException refusal(String mistake) {
        System.err.println(mistake + System.lineSeparator() + usage);
        System.exit(2);
        return new IllegalArgumentException(mistake);
    }

    public boolean has(String name) {
        return flags.contains(name) || values.containsKey(name);
    }

    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** A non-negative whole number; anything else is refused. */
    public int number(String name, int otherwise) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("\\d{1,9}")) {
            throw refusal("--" + name + " " + value + ": not a whole number >= 0");
        }
        return Integer.parseInt(value);
    }

    /** One of an enum's constants, written in lower case; anything else is refused. */
    public <E extends Enum<E>> E constant(String name, Class<E> type, E otherwise) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
                return constant;
            }
        }
        throw refusal("--" + name + " " + value + ": not known");
    }

    /** A comma-separated list; empty parts are dropped. */
    public List<String> list(String name, List<String> otherwise) {
        String value = values.get(name);
        return value == null
                ? otherwise
                : List.of(value.split(",")).stream().filter(part -> !part.isBlank()).toList();
    }
}
