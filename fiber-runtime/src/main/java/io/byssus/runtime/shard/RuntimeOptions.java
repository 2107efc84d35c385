package io.byssus.runtime.shard;

import io.byssus.runtime.memory.BufferLimits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a runtime is set up. A new object means a shard per processor and what suits most servers;
 * each setter returns this object. Values are looked at together, when the runtime starts, and
 * refused there with a sentence that uses the command line's names.
 *
 * <p><b>Ownership:</b> not thread-safe; read once by {@link Shards#start}.
 */
public final class RuntimeOptions {
    /** Whether carriers are bound to processors. */
    public enum Affinity {
        ON,
        OFF,
        /** On, unless a container's CPU quota allows fewer processors than there are. */
        AUTO
    }

    /** Names the only or the best backend that this machine has. */
    public static final String BEST_BACKEND = "";

    private static final int DEFAULT_BLOCKING_THREADS = 8;
    private static final Duration DEFAULT_TASK_QUOTA = Duration.ofNanos(500_000);
    private static final Duration DEFAULT_STALL_THRESHOLD = Duration.ofMillis(25);
    private static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(5);

    Integer smp;
    String cpuset;
    Affinity affinity = Affinity.AUTO;
    boolean overprovisioned;
    Duration idlePollTime = Duration.ZERO;
    Duration taskQuota = DEFAULT_TASK_QUOTA;
    Duration stallThreshold = DEFAULT_STALL_THRESHOLD;
    Duration shutdownGrace = DEFAULT_SHUTDOWN_GRACE;
    Duration shutdownDelay = Duration.ZERO;
    int blockingThreads = DEFAULT_BLOCKING_THREADS;

    /** Null for what suits the machine. */
    Long bufferMemory;

    Duration bufferWait = Duration.ofNanos(BufferLimits.DEFAULT_WAIT_NANOS);
    String networkStack = "posix";
    String reactorBackend = BEST_BACKEND;
    private List<String> dnsServers = List.of();
    private final DeviceOptions device = new DeviceOptions();

    /** The defaults. */
    public RuntimeOptions() {}

    /** Number of shards; without it, one per processor. */
    public RuntimeOptions smp(int shards) {
        smp = shards;
        return this;
    }

    /** Processors to use, as in {@code 0-3,6}; without it, all that the process may use. */
    public RuntimeOptions cpuset(String processors) {
        cpuset = Objects.requireNonNull(processors);
        return this;
    }

    /** Whether each shard's carrier is bound to a processor of its own. */
    public RuntimeOptions affinity(Affinity setting) {
        affinity = Objects.requireNonNull(setting);
        return this;
    }

    /**
     * Says that the processors are shared with others: carriers are not bound, idle shards do not
     * poll, and there may be more shards than processors.
     */
    public RuntimeOptions overprovisioned(boolean shared) {
        overprovisioned = shared;
        return this;
    }

    /** How long an idle shard polls for I/O before it sleeps in the kernel; zero by default. */
    public RuntimeOptions idlePollTime(Duration time) {
        idlePollTime = Objects.requireNonNull(time);
        return this;
    }

    /** How long fibers run before their shard looks for I/O; 0.5 ms by default, 1 s at most. */
    public RuntimeOptions taskQuota(Duration quota) {
        taskQuota = Objects.requireNonNull(quota);
        return this;
    }

    /**
     * How long a fiber may hold its shard before that is reported as a stall; 25 ms by default,
     * zero for never. In the first second it is ten times that, since the JVM loads classes. See
     * {@link io.byssus.runtime.diagnostics.StallDetector}.
     */
    public RuntimeOptions stallThreshold(Duration threshold) {
        stallThreshold = Objects.requireNonNull(threshold);
        return this;
    }

    /** How long fibers may take to end by themselves when the runtime stops; 5 s by default. */
    public RuntimeOptions shutdownGrace(Duration grace) {
        shutdownGrace = Objects.requireNonNull(grace);
        return this;
    }

    /** How long it goes on accepting after it has said that it is not ready; zero by default. */
    public RuntimeOptions shutdownDelay(Duration delay) {
        shutdownDelay = Objects.requireNonNull(delay);
        return this;
    }

    /** How many calls of {@code Blocking.call} run at once; 8 by default. */
    public RuntimeOptions blockingThreads(int threads) {
        blockingThreads = threads;
        return this;
    }

    /**
     * Bytes of memory that the buffers of all shards may use together; each shard has an equal
     * part, of 1 MiB at least. Without it, half of what the machine or the container has beyond the
     * largest Java heap, or an eighth of all of it if that is more.
     */
    public RuntimeOptions bufferMemory(long bytes) {
        bufferMemory = bytes;
        return this;
    }

    /**
     * How long a fiber waits for buffer memory before it gets a {@link
     * io.byssus.runtime.memory.BufferMemoryException}; 10 s by default.
     */
    public RuntimeOptions bufferWait(Duration time) {
        bufferWait = Objects.requireNonNull(time);
        return this;
    }

    /** The network stack: {@code posix} or {@code native}. */
    public RuntimeOptions networkStack(String name) {
        networkStack = Objects.requireNonNull(name);
        return this;
    }

    /** The network stack that was asked for. */
    public String networkStack() {
        return networkStack;
    }

    /**
     * The I/O backend: {@code epoll}, {@code nio}, or {@code native} for the native stack. Without
     * it, {@code epoll} on Linux and {@code nio} elsewhere.
     */
    public RuntimeOptions reactorBackend(String name) {
        reactorBackend = Objects.requireNonNull(name);
        return this;
    }

    /** The I/O backend that was asked for. */
    public String reactorBackend() {
        return reactorBackend;
    }

    /**
     * The name servers, as {@code 192.0.2.53}, {@code 192.0.2.53:5353} or {@code
     * [2001:db8::53]:53}; or {@code system} alone, which asks the C library. Without any, those of
     * {@code /etc/resolv.conf}.
     */
    public RuntimeOptions dnsServers(String... servers) {
        dnsServers = List.of(servers);
        return this;
    }

    /** The name servers that were given. */
    public List<String> dnsServers() {
        return dnsServers;
    }

    /** The native stack's device and addresses. */
    public DeviceOptions device() {
        return device;
    }
}
