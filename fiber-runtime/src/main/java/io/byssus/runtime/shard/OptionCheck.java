package io.byssus.runtime.shard;

import java.time.Duration;
import java.util.Set;

/** Refuses option values that cannot be meant, in the command line's words. */
final class OptionCheck {
    /** Where the constants and structures in {@code io.byssus.runtime.os} are right. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64");

    /** I/O waits for so long while fibers compute. */
    private static final Duration QUOTA_MAX = Duration.ofSeconds(1);

    private static final Duration STALLS_MIN = Duration.ofMillis(1);
    private static final Duration STALLS_MAX = Duration.ofHours(1);

    private OptionCheck() {}

    static void check(RuntimeOptions options) {
        checkMachine(System.getProperty("os.name"), System.getProperty("os.arch"));
        taskQuota(options.taskQuota);
        positive("bufferWait", options.bufferWait);
        stallThreshold(options.stallThreshold);
        notNegative("--idle-poll-time-us", options.idlePollTime);
        notNegative("--shutdown-grace", options.shutdownGrace);
        notNegative("--shutdown-delay", options.shutdownDelay);
        if (options.blockingThreads < 1) {
            throw new IllegalArgumentException(
                    "--blocking-threads " + options.blockingThreads + ": at least 1 is needed");
        }
    }

    private static void checkMachine(String name, String architecture) {
        if (!name.equals("Linux") || !ARCHITECTURES.contains(architecture)) {
            throw new UnsupportedOperationException(
                    "Byssus runs on Linux on amd64 and aarch64; this is "
                            + name
                            + " on "
                            + architecture);
        }
    }

    private static void taskQuota(Duration value) {
        positive("--task-quota-ms", value);
        if (value.compareTo(QUOTA_MAX) > 0) {
            throw new IllegalArgumentException(
                    "--task-quota-ms: must be at most " + QUOTA_MAX.toMillis());
        }
    }

    private static void stallThreshold(Duration value) {
        boolean off = value.isZero();
        if (!off && (value.compareTo(STALLS_MIN) < 0 || value.compareTo(STALLS_MAX) > 0)) {
            throw new IllegalArgumentException(
                    "--stall-threshold: must be between 1ms and 1h, or off");
        }
    }

    private static void positive(String option, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(option + ": must be more than zero");
        }
    }

    private static void notNegative(String option, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(option + ": must not be negative");
        }
    }
}
