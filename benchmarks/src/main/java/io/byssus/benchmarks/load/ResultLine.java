package io.byssus.benchmarks.load;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The one line in which a load generator tells its figures, {@code result name=number name=number}:
 * simple enough for wrk's Lua script to write and for a person to read.
 */
public final class ResultLine {
    private static final String PREFIX = "result ";

    private ResultLine() {}

    /** The line, names in alphabetical order. */
    static String format(Map<String, Double> figures) {
        return PREFIX
                + new TreeMap<>(figures)
                        .entrySet().stream()
                                .map(ResultLine::formatFigure)
                                .collect(Collectors.joining(" "));
    }

    private static String formatFigure(Map.Entry<String, Double> figure) {
        return String.format(Locale.ROOT, "%s=%.6g", figure.getKey(), figure.getValue());
    }

    /** The figures of a line, or nothing when it is another line. */
    public static Optional<Map<String, Double>> parse(String line) {
        if (!line.startsWith(PREFIX)) {
            return Optional.empty();
        }
        Map<String, Double> figures = new TreeMap<>();
        for (String pair : line.substring(PREFIX.length()).strip().split(" +")) {
            int equals = pair.indexOf('=');
            figures.put(pair.substring(0, equals), Double.valueOf(pair.substring(equals + 1)));
        }
        return Optional.of(figures);
    }
}
