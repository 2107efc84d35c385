package io.byssus.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The table of one load: a line per server, and in the last columns how Byssus compares with the
 * server of that line (below 1 is better for Byssus).
 */
public final class MarkdownTable {
    private static final String NONE = "-";

    private final String subject;
    private final List<BetterHalf> rows;
    private final Map<String, Double> plainMebibytes;

    /**
     * A table of these rows, in their order.
     *
     * @param subject the server that the others are compared with
     * @param plainMebibytes peak memory without flags by server; empty leaves the column out
     */
    public MarkdownTable(
            String subject, List<BetterHalf> rows, Map<String, Double> plainMebibytes) {
        this.subject = subject;
        this.rows = List.copyOf(rows);
        this.plainMebibytes = Map.copyOf(plainMebibytes);
    }

    @Override
    public String toString() {
        List<String> heads = new ArrayList<>();
        heads.addAll(List.of("server", "requests/s", "CPU µs/request", "p50 µs", "p99 µs"));
        heads.addAll(List.of("p99.9 µs", "peak MiB"));
        if (!plainMebibytes.isEmpty()) {
            heads.add("peak MiB, plain");
        }
        heads.addAll(List.of("server busy", "load busy"));
        heads.addAll(List.of(subject + " CPU ratio", subject + " p99 ratio"));
        StringBuilder table = new StringBuilder();
        appendLine(table, heads);
        appendLine(
                table, heads.stream().map(head -> head.equals("server") ? "---" : "--:").toList());
        rows.forEach(row -> appendLine(table, cells(row)));
        for (BetterHalf row : rows) {
            if (row.disturbedCount() > 0) {
                table.append(
                        String.format(
                                "%n%s: other processes disturbed %d of the quoted rounds.%n",
                                row.server(), row.disturbedCount()));
            }
        }
        return table.toString();
    }

    private List<String> cells(BetterHalf row) {
        List<String> cells = new ArrayList<>();
        cells.add(row.server());
        cells.add(format("%,.0f", row.requestsPerSecond()));
        cells.add(format("%.2f", row.serverCpuMicros()));
        cells.add(format("%.0f", row.p50Micros()));
        cells.add(format("%.0f", row.p99Micros()));
        cells.add(format("%.0f", row.p999Micros()));
        cells.add(format("%.0f", row.peakMebibytes()));
        if (!plainMebibytes.isEmpty()) {
            Double plain = plainMebibytes.get(row.server());
            cells.add(plain == null ? NONE : format("%.0f", plain));
        }
        cells.add(format("%.0f %%", 100 * row.serverBusy()));
        cells.add(format("%.0f %%", 100 * row.loadBusy()));
        Optional<BetterHalf> own =
                rows.stream().filter(other -> other.server().equals(subject)).findFirst();
        boolean compared = own.isPresent() && !row.server().equals(subject);
        cells.add(
                compared
                        ? format("%.2f", own.get().serverCpuMicros() / row.serverCpuMicros())
                        : NONE);
        cells.add(compared ? format("%.2f", own.get().p99Micros() / row.p99Micros()) : NONE);
        return cells;
    }

    private static String format(String pattern, double value) {
        return String.format(Locale.ROOT, pattern, value);
    }

    private static void appendLine(StringBuilder table, List<String> cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
