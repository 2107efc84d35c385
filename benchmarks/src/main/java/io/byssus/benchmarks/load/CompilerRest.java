package io.byssus.benchmarks.load;

/**
 * Tells when a server is warm: when its JIT compiler has come to rest.
 *
 * <p>A fixed time would not do. All of a server's threads share one core, and there a compiler
 * thread gets the less the busier the server is: after three seconds of full load an HTTP server
 * was still compiling, and its cost per request was two to four times what it came down to. So the
 * compiler threads are watched until they hardly run, and hardly want to.
 *
 * <p><b>Ownership:</b> one thread.
 */
public final class CompilerRest {
    /** At rest is less than this part of one core, running or waiting. */
    private static final double REST = 0.02;

    /** The bound of the whole warm-up, in multiples of its least duration. */
    private static final int FACTOR_MAX = 6;

    private final long pid;
    private final long startNanos = System.nanoTime();
    private final long leastNanos;
    private long lastNanos = startNanos;
    private long lastCompilerNanos;

    /**
     * Starts to watch.
     *
     * @param pid 0 when the server is unknown; then only the least duration counts
     */
    public CompilerRest(long pid, int leastSeconds) {
        this.pid = pid;
        this.leastNanos = leastSeconds * 1_000_000_000L;
    }

    /** Whether the server may be measured; to be asked every second or so of load. */
    public boolean reached() {
        long nowNanos = System.nanoTime();
        long compilerNanos = pid == 0 ? 0 : ProcessUsage.compilerNanos(pid);
        double part = (compilerNanos - lastCompilerNanos) / (double) (nowNanos - lastNanos);
        lastNanos = nowNanos;
        lastCompilerNanos = compilerNanos;
        long elapsedNanos = nowNanos - startNanos;
        return elapsedNanos >= leastNanos
                && (part < REST || elapsedNanos >= FACTOR_MAX * leastNanos);
    }
}
