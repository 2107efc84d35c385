package io.byssus.benchmarks.report;

import java.util.Locale;

/**
 * What one server did under one load in one round.
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param warmupSeconds load on the fresh server before the measured interval
 * @param serverCpuMicros server CPU time per request, user and system, all threads
 * @param serverBusy the server's CPU time as a fraction of one core
 * @param serverWait time the server's threads were runnable without a core, as a fraction of the
 *     interval
 * @param loadBusy the load generator's CPU time as a fraction of one core
 * @param loadWait what serverWait is, of the load generator
 * @param peakMebibytes the highest resident memory of the server's whole life
 */
public record Round(
        String load,
        String server,
        Flags flags,
        int number,
        double warmupSeconds,
        double requests,
        double seconds,
        double serverCpuMicros,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double serverBusy,
        double serverWait,
        double loadBusy,
        double loadWait,
        double peakMebibytes) {

    /** With which JVM flags the server ran. */
    public enum Flags {
        /** Those of the committed file. */
        HOUSE,
        /** None: what a plain {@code java -jar} does. */
        PLAIN
    }

    /** The first line of the raw results. */
    public static final String CSV_HEADER =
            "load,server,flags,round,warmup_seconds,requests,seconds,requests_per_second,server_cpu_micros,"
                    + "p50_micros,p99_micros,p99.9_micros,server_busy,server_wait,load_busy,"
                    + "load_wait,peak_mib";

    /** From here on a round is disturbed: neighbours took that part of a core away from it. */
    private static final double DISTURBED = 0.15;

    public double requestsPerSecond() {
        return requests / seconds;
    }

    /** How much other processes on the two cores were in the way, as a fraction of a core. */
    public double disturbance() {
        return Math.max(serverWait, loadWait);
    }

    public boolean disturbed() {
        return disturbance() > DISTURBED;
    }

    /** One line of the raw results. */
    public String csv() {
        return String.format(
                Locale.ROOT,
                "%s,%s,%s,%d,%.1f,%.0f,%.3f,%.0f,%.3f,%.1f,%.1f,%.1f,%.3f,%.3f,%.3f,%.3f,%.1f",
                load,
                server,
                flags.name().toLowerCase(Locale.ROOT),
                number,
                warmupSeconds,
                requests,
                seconds,
                requestsPerSecond(),
                serverCpuMicros,
                p50Micros,
                p99Micros,
                p999Micros,
                serverBusy,
                serverWait,
                loadBusy,
                loadWait,
                peakMebibytes);
    }

    /** One line for a person who watches the rounds go by. */
    public String progress() {
        return String.format(
                Locale.ROOT,
                "%-14s %-15s round %d: %8.0f requests/s, %6.2f us CPU per request, p99 %7.0f us"
                        + " (busy: server %3.0f %%, load %3.0f %%%s)",
                load,
                server,
                number,
                requestsPerSecond(),
                serverCpuMicros,
                p99Micros,
                100 * serverBusy,
                100 * loadBusy,
                disturbed()
                        ? String.format(Locale.ROOT, "; disturbed: %.0f %%", 100 * disturbance())
                        : "");
    }
}
