package io.byssus.stack.tcp;

/**
 * The bounds of one shard's TCP.
 *
 * @param connectionsMax in all states but TIME-WAIT
 * @param halfOpenMax handshakes under way for each listener; further SYNs get a cookie
 * @param timeWaitMax records; then the oldest goes
 * @param memoryBytesMax what all queues hold together
 * @param blackHoleTimeouts in a row after which large packets are suspected
 * @param congestion for new connections
 */
public record TcpLimits(
        int connectionsMax,
        int halfOpenMax,
        int timeWaitMax,
        long memoryBytesMax,
        int blackHoleTimeouts,
        CongestionAlgorithm congestion) {
    private static final int CONNECTIONS = 1 << 20;
    private static final int HALF_OPEN = 1024;
    private static final int TIME_WAIT = 1 << 16;
    private static final long MEMORY_BYTES = 512L << 20;
    private static final int BLACK_HOLE_TIMEOUTS = 3;

    public static final TcpLimits DEFAULTS =
            new TcpLimits(
                    CONNECTIONS,
                    HALF_OPEN,
                    TIME_WAIT,
                    MEMORY_BYTES,
                    BLACK_HOLE_TIMEOUTS,
                    CongestionAlgorithm.CUBIC);

    /** With another bound on what all queues hold together. */
    public TcpLimits withMemory(long bytesMax) {
        return new TcpLimits(
                connectionsMax, halfOpenMax, timeWaitMax, bytesMax, blackHoleTimeouts, congestion);
    }
}
