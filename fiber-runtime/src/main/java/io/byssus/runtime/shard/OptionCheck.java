package io.byssus.runtime.shard;

import io.byssus.runtime.os.Affinity;
import io.byssus.runtime.os.HostSystem;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** Refuses option values that cannot be meant, in the command line's words. */
final class OptionCheck {
    /** Where the constants and structures in {@code io.byssus.runtime.os} are right. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64");

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration MICRO = Duration.of(1, ChronoUnit.MICROS);

    /** I/O waits for so long while fibers compute. */
    private static final Duration QUOTA_MAX = SECOND;

    private static final Duration STALLS_MIN = Duration.ofMillis(1);
    private static final Duration STALLS_MAX = Duration.ofHours(1);

    private OptionCheck() {}

    static void check(RuntimeOptions options) {
        checkMachine(HostSystem.name(), System.getProperty("os.arch"));
        if (!Affinity.isSupported()) {
            unboundProcessors(options);
        }
        taskQuota(options.taskQuota);
        positive("bufferWait", options.bufferWait, SECOND);
        stallThreshold(options.stallThreshold);
        notNegative("--idle-poll-time-us", options.idlePollTime, MICRO);
        notNegative("--shutdown-grace", options.shutdownGrace, SECOND);
        notNegative("--shutdown-delay", options.shutdownDelay, SECOND);
        if (options.blockingThreads < 1) {
            throw new IllegalArgumentException(
                    "--blocking-threads " + options.blockingThreads + ": at least 1 is needed");
        }
    }

    /** Elsewhere than on Linux nothing depends on it. */
    private static void checkMachine(String name, String architecture) {
        if (HostSystem.isLinux() && !ARCHITECTURES.contains(architecture)) {
            throw new UnsupportedOperationException(
                    "Byssus runs on Linux on amd64 and aarch64; this is "
                            + name
                            + " on "
                            + architecture);
        }
    }

    /** What binds shards to processors needs a system that can. */
    private static void unboundProcessors(RuntimeOptions options) {
        String needs = ": shards can be bound to processors on Linux only; this is ";
        if (options.cpuset != null) {
            throw new IllegalArgumentException(
                    "--cpuset " + options.cpuset + needs + HostSystem.name());
        }
        if (options.affinity == RuntimeOptions.Affinity.ON) {
            throw new IllegalArgumentException("--thread-affinity on" + needs + HostSystem.name());
        }
    }

    private static void taskQuota(Duration value) {
        positive("--task-quota-ms", value, MILLI);
        if (value.compareTo(QUOTA_MAX) > 0) {
            throw new IllegalArgumentException(
                    "--task-quota-ms "
                            + in(MILLI, value)
                            + ": must be at most "
                            + in(MILLI, QUOTA_MAX));
        }
    }

    private static void stallThreshold(Duration value) {
        boolean off = value.isZero();
        if (!off && (value.compareTo(STALLS_MIN) < 0 || value.compareTo(STALLS_MAX) > 0)) {
            throw new IllegalArgumentException(
                    "--stall-threshold "
                            + in(MILLI, value)
                            + "ms: must be between 1ms and 1h, or off");
        }
    }

    private static void positive(String option, Duration value, Duration unit) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(
                    option + " " + in(unit, value) + ": must be more than zero");
        }
    }

    private static void notNegative(String option, Duration value, Duration unit) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(
                    option + " " + in(unit, value) + ": must not be negative");
        }
    }

    /** As a plain number of units. */
    private static String in(Duration unit, Duration value) {
        BigDecimal nanos =
                BigDecimal.valueOf(value.getSeconds())
                        .movePointRight(9)
                        .add(BigDecimal.valueOf(value.getNano()));
        return nanos.divide(BigDecimal.valueOf(unit.toNanos()))
                .stripTrailingZeros()
                .toPlainString();
    }
}
