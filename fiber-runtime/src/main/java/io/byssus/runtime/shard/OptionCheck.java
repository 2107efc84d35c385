package io.byssus.runtime.shard;

import java.time.Duration;

/** Refuses option values that cannot be meant, in the command line's words. */
final class OptionCheck {
    private OptionCheck() {}

    static void check(RuntimeOptions options) {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new UnsupportedOperationException(
                    "Byssus runs on Linux; this is " + System.getProperty("os.name"));
        }
        positive("--task-quota-ms", options.taskQuota);
        notNegative("--idle-poll-time-us", options.idlePollTime);
        notNegative("--shutdown-grace", options.shutdownGrace);
        notNegative("--shutdown-delay", options.shutdownDelay);
        if (options.blockingThreads < 1) {
            throw new IllegalArgumentException(
                    "--blocking-threads " + options.blockingThreads + ": at least 1 is needed");
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
