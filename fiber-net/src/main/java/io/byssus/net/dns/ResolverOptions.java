package io.byssus.net.dns;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How names are resolved. What is not said here is as {@code /etc/resolv.conf} says, and if that
 * does not either, as resolv.conf(5) does.
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class ResolverOptions {
    private static final ResolverOptions DEFAULTS = new ResolverOptions();
    private static final int NDOTS_MAX = 15;
    private static final int ATTEMPTS_MAX = 100;

    private List<InetSocketAddress> servers = List.of();
    private Optional<List<String>> search = Optional.empty();
    private Optional<Integer> ndots = Optional.empty();
    private Optional<Duration> timeout = Optional.empty();
    private Optional<Integer> attempts = Optional.empty();
    private Optional<Boolean> rotate = Optional.empty();
    private boolean tcpOnly;
    private int cacheEntries = 1000;
    private Duration ttlMin = Duration.ZERO;
    private Duration ttlMax = Duration.ofDays(1);
    private Duration negativeTtlMax = Duration.ofMinutes(15);
    private Path hostsFile = Path.of("/etc/hosts");
    private Path resolvConf = Path.of("/etc/resolv.conf");

    private ResolverOptions() {}

    private ResolverOptions(ResolverOptions other) {
        servers = other.servers;
        search = other.search;
        ndots = other.ndots;
        timeout = other.timeout;
        attempts = other.attempts;
        rotate = other.rotate;
        tcpOnly = other.tcpOnly;
        cacheEntries = other.cacheEntries;
        ttlMin = other.ttlMin;
        ttlMax = other.ttlMax;
        negativeTtlMax = other.negativeTtlMax;
        hostsFile = other.hostsFile;
        resolvConf = other.resolvConf;
    }

    /** As the machine is set up. */
    public static ResolverOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The name servers, which are asked in this order until one answers.
     *
     * @throws IllegalArgumentException if one is not resolved
     */
    public ResolverOptions withServers(InetSocketAddress... servers) {
        for (InetSocketAddress server : servers) {
            if (server.isUnresolved()) {
                throw new IllegalArgumentException("server=" + server + ": not resolved");
            }
        }
        return changed(o -> o.servers = List.of(servers));
    }

    /** The domains in which names are searched; none asks for names as they are. */
    public ResolverOptions withSearch(String... domains) {
        return changed(o ->
                o.search =
                        Optional.of(
                                List.of(domains).stream()
                                        .map(domain ->
                                                Hostnames.withoutDot(
                                                        domain.toLowerCase(Locale.ROOT)))
                                        .toList()));
    }

    /**
     * A name with so many dots is asked for as it is before it is searched for in the domains.
     *
     * @throws IllegalArgumentException if it is not 0 to 15
     */
    public ResolverOptions withNdots(int dots) {
        if (dots < 0 || dots > NDOTS_MAX) {
            throw new IllegalArgumentException("ndots=" + dots + ": expected 0 to " + NDOTS_MAX);
        }
        return changed(o -> o.ndots = Optional.of(dots));
    }

    /**
     * How long one try with one server may take.
     *
     * @throws IllegalArgumentException if it is not more than zero
     */
    public ResolverOptions withTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("timeout=" + limit + ": expected more than zero");
        }
        return changed(o -> o.timeout = Optional.of(limit));
    }

    /**
     * How often each server is asked.
     *
     * @throws IllegalArgumentException if it is not 1 to 100
     */
    public ResolverOptions withAttempts(int count) {
        if (count < 1 || count > ATTEMPTS_MAX) {
            throw new IllegalArgumentException(
                    "attempts=" + count + ": expected 1 to " + ATTEMPTS_MAX);
        }
        return changed(o -> o.attempts = Optional.of(count));
    }

    /** Whether the servers take turns in being the first. */
    public ResolverOptions withRotate(boolean on) {
        return changed(o -> o.rotate = Optional.of(on));
    }

    /** Whether everything goes over TCP (RFC 7766); false by default. */
    public ResolverOptions withTcpOnly(boolean on) {
        return changed(o -> o.tcpOnly = on);
    }

    /**
     * How many answers are kept, on each shard; 1000 by default, 0 for none. Those that were used
     * least recently make room.
     *
     * @throws IllegalArgumentException if negative
     */
    public ResolverOptions withCacheEntries(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("cacheEntries=" + count + ": expected 0 or more");
        }
        return changed(o -> o.cacheEntries = count);
    }

    /** How long an answer is kept at least, even if its server says less; zero by default. */
    public ResolverOptions withTtlMin(Duration time) {
        return changed(o -> o.ttlMin = notNegative("ttlMin", time));
    }

    /** How long an answer is kept at most; a day by default. */
    public ResolverOptions withTtlMax(Duration time) {
        return changed(o -> o.ttlMax = notNegative("ttlMax", time));
    }

    /** How long it is kept at most that there is nothing; 15 minutes by default. */
    public ResolverOptions withNegativeTtlMax(Duration time) {
        return changed(o -> o.negativeTtlMax = notNegative("negativeTtlMax", time));
    }

    /** Where names are looked for first; {@code /etc/hosts} by default. It need not be there. */
    public ResolverOptions withHostsFile(Path file) {
        return changed(o -> o.hostsFile = Objects.requireNonNull(file));
    }

    /** What says the rest; {@code /etc/resolv.conf} by default. It need not be there. */
    public ResolverOptions withResolvConf(Path file) {
        return changed(o -> o.resolvConf = Objects.requireNonNull(file));
    }

    private ResolverOptions changed(Consumer<ResolverOptions> change) {
        ResolverOptions copy = new ResolverOptions(this);
        change.accept(copy);
        return copy;
    }

    private static Duration notNegative(String name, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(name + "=" + time + ": must not be negative");
        }
        return time;
    }

    /** Empty for those of resolv.conf. */
    public List<InetSocketAddress> servers() {
        return servers;
    }

    public Optional<List<String>> search() {
        return search;
    }

    public Optional<Integer> ndots() {
        return ndots;
    }

    public Optional<Duration> timeout() {
        return timeout;
    }

    public Optional<Integer> attempts() {
        return attempts;
    }

    public Optional<Boolean> rotate() {
        return rotate;
    }

    public boolean tcpOnly() {
        return tcpOnly;
    }

    public int cacheEntries() {
        return cacheEntries;
    }

    public Duration ttlMin() {
        return ttlMin;
    }

    public Duration ttlMax() {
        return ttlMax;
    }

    public Duration negativeTtlMax() {
        return negativeTtlMax;
    }

    public Path hostsFile() {
        return hostsFile;
    }

    public Path resolvConf() {
        return resolvConf;
    }
}
