package io.byssus.benchmarks;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Every process that this program starts, so that none outlives it: not at the end, not on Ctrl-C,
 * not when a measurement fails half-way.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class Children {
    private static final long GRACE_SECONDS = 5;
    private static final Set<Process> RUNNING = new HashSet<>();
    private static boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::destroyAll, "children"));
    }

    private Children() {}

    /**
     * Starts a process.
     *
     * @throws IOException also when this program is ending: its main thread still runs then, and
     *     must not start the next server behind the back of the shutdown hook
     */
    static synchronized Process start(ProcessBuilder builder) throws IOException {
        if (ending) {
            throw new IOException("the comparison is ending");
        }
        Process process = builder.start();
        RUNNING.add(process);
        process.onExit().thenRun(() -> forget(process));
        return process;
    }

    /** Asks the process to end, and ends it when it does not; returns when it is gone. */
    static void stop(Process process) {
        process.destroy();
        boolean ended = false;
        try {
            ended = process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
        }
        forget(process);
    }

    private static synchronized void forget(Process process) {
        RUNNING.remove(process);
    }

    private static synchronized void destroyAll() {
        ending = true;
        RUNNING.forEach(Process::destroyForcibly);
    }
}
