package io.byssus.runtime;

import io.byssus.runtime.shard.RuntimeOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The runtime's command-line options, as a picocli mixin: {@code @Mixin RuntimeArguments}. */
@Command
public final class RuntimeArguments {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final double NANOS_PER_MILLI = 1e6;

    /** The argument of an option that is on or off. */
    enum Switch {
        on,
        off;

        boolean isOn() {
            return this == on;
        }
    }

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and end")
    private boolean help;

    @Option(
            names = {"-c", "--smp"},
            paramLabel = "N",
            description = "number of shards (default: one per processor)")
    private Integer smp;

    @Option(
            names = "--cpuset",
            paramLabel = "CPUS",
            description = "processors to use, such as 0-3,6 (default: all)")
    private String cpuset;

    @Option(
            names = "--thread-affinity",
            paramLabel = "on|off",
            description =
                    "bind each shard to a processor (default: on, unless a CPU quota allows fewer"
                            + " processors than there are)")
    private Switch affinity;

    @Option(
            names = "--overprovisioned",
            description =
                    "the processors are shared with others: no binding, no polling, any --smp")
    private boolean overprovisioned;

    @Option(
            names = "--idle-poll-time-us",
            paramLabel = "MICROS",
            description = "how long an idle shard polls before it sleeps (default: 0)")
    private long idlePollMicros;

    @Option(
            names = "--task-quota-ms",
            paramLabel = "MILLIS",
            description = "how long fibers run before the shard looks for I/O (default: 0.5)")
    private double taskQuotaMillis = 0.5;

    @Option(
            names = "--stall-threshold",
            paramLabel = "TIME|off",
            converter = Threshold.class,
            description = "report a fiber that holds its shard for longer (default: 25ms)")
    private Duration stallThreshold = Duration.ofMillis(25);

    @Option(
            names = "--shutdown-grace",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "how long connections may take to end after a signal (default: 5)")
    private Duration shutdownGrace = Duration.ofSeconds(5);

    @Option(
            names = "--shutdown-delay",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "how long to go on accepting after a signal (default: 0)")
    private Duration shutdownDelay = Duration.ZERO;

    @Option(
            names = "--buffer-memory",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description =
                    "memory for the buffers of all shards, such as 64M or 1G (default: half of what"
                            + " the Java heap leaves)")
    private Long bufferMemory;

    @Option(
            names = "--network-stack",
            paramLabel = "NAME",
            description = "network stack: posix (default), or native with --device")
    private String networkStack = "posix";

    @Option(
            names = "--reactor-backend",
            paramLabel = "NAME",
            description =
                    "I/O backend: epoll (default with posix on Linux), io_uring, nio (portable,"
                            + " default elsewhere), native (with native)")
    private String reactorBackend = RuntimeOptions.BEST_BACKEND;

    @Option(
            names = "--dns-server",
            paramLabel = "ADDRESS",
            split = ",",
            description =
                    "name servers, such as 192.0.2.53 or [::1]:5353, or system for the C library"
                            + " (default: as /etc/resolv.conf says)")
    private List<String> dnsServers = List.of();

    @ArgGroup(validate = false, heading = "Options of --network-stack native:%n")
    private DeviceArguments device = new DeviceArguments();

    /** Holds the defaults until a command line is parsed. */
    public RuntimeArguments() {}

    /** What the command line said. */
    public RuntimeOptions toOptions() {
        RuntimeOptions options =
                new RuntimeOptions()
                        .overprovisioned(overprovisioned)
                        .idlePollTime(Duration.of(idlePollMicros, ChronoUnit.MICROS))
                        .taskQuota(Duration.ofNanos((long) (taskQuotaMillis * NANOS_PER_MILLI)))
                        .stallThreshold(stallThreshold)
                        .shutdownGrace(shutdownGrace)
                        .shutdownDelay(shutdownDelay)
                        .networkStack(networkStack)
                        .reactorBackend(reactorBackend)
                        .dnsServers(dnsServers.toArray(new String[0]));
        device.apply(options.device());
        if (bufferMemory != null) {
            options.bufferMemory(bufferMemory);
        }
        if (smp != null) {
            options.smp(smp);
        }
        if (cpuset != null) {
            options.cpuset(cpuset);
        }
        if (affinity != null) {
            options.affinity(
                    affinity.isOn() ? RuntimeOptions.Affinity.ON : RuntimeOptions.Affinity.OFF);
        }
        return options;
    }

    /** Reads {@code 5} or {@code 0.25} as seconds. */
    static final class Seconds implements ITypeConverter<Duration> {
        private static final double NANOS_PER_SECOND = 1e9;

        @Override
        public Duration convert(String text) {
            double seconds;
            try {
                seconds = Double.parseDouble(text);
            } catch (NumberFormatException e) {
                seconds = Double.NaN;
            }
            if (Double.isFinite(seconds)) {
                return Duration.ofNanos((long) (seconds * NANOS_PER_SECOND));
            }
            throw new TypeConversionException("'" + text + "' is not a number of seconds");
        }
    }

    /** Reads {@code 65536}, {@code 64K}, {@code 64M} or {@code 1G} as bytes. */
    static final class ByteSize implements ITypeConverter<Long> {
        private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kmg]?)");
        private static final String UNITS = "kmg";
        private static final int UNIT_BITS = 10;

        @Override
        public Long convert(String text) {
            Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
            if (!size.matches()) {
                throw new TypeConversionException("'" + text + "' is not a size such as 64M");
            }
            long number = Long.parseLong(size.group(1));
            int unit = size.group(2).isEmpty() ? 0 : UNITS.indexOf(size.group(2)) + 1;
            try {
                return Math.multiplyExact(number, 1L << (UNIT_BITS * unit));
            } catch (ArithmeticException e) {
                throw new TypeConversionException("'" + text + "' is too large");
            }
        }
    }

    /** Reads {@code 25ms}, {@code 500us}, {@code 1s} or {@code off}. */
    static final class Threshold implements ITypeConverter<Duration> {
        private static final Pattern TIME = Pattern.compile("(\\d{1,9})(us|ms|s)");

        @Override
        public Duration convert(String text) {
            if (text.equals("off") || text.equals("0")) {
                return Duration.ZERO;
            }
            Matcher matcher = TIME.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is not a time such as 25ms or 1s, or off");
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "us" -> Duration.ofNanos(amount * NANOS_PER_MICRO);
                case "ms" -> Duration.ofMillis(amount);
                default -> Duration.ofSeconds(amount);
            };
        }
    }
}
