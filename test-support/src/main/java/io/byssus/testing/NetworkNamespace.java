package io.byssus.testing;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A network of a test's own: interfaces, addresses, routes and ports that nobody else sees. It
 * belongs to one thread, and so to what that thread opens and to the processes that it starts; it
 * is gone when they are.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000; // linux/sched.h
    private static final int LIMIT_SECONDS = 20;

    /** How a command ended, and what it wrote to both its outputs. */
    public record Ended(int status, String output) {}

    /** A command that goes on in the background. */
    public static final class Running {
        private final List<String> command;
        private final Process process;
        private final Path file;

        private Running(List<String> command, Process process, Path file) {
            this.command = command;
            this.process = process;
            this.file = file;
        }

        /** Waits for its end. */
        public Ended await() throws InterruptedException {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(
                        command + " did not end within " + LIMIT_SECONDS + " s: " + output());
            }
            return new Ended(process.exitValue(), output());
        }

        public long pid() {
            return process.pid();
        }

        public boolean isAlive() {
            return process.isAlive();
        }

        private String output() {
            try {
                return Files.readString(file, StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void end() {
            process.destroyForcibly();
            try {
                process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("network-namespace").factory());
    private final List<Running> commands = new CopyOnWriteArrayList<>();

    private NetworkNamespace() {}

    /**
     * A new one, in which there is only {@code lo}, switched on. Where the process may not make
     * one, the test is skipped.
     */
    public static NetworkNamespace create() throws Exception {
        NetworkNamespace namespace = new NetworkNamespace();
        boolean made = false;
        try {
            boolean permitted = namespace.run(NetworkNamespace::unshare);
            Assumptions.assumeTrue(
                    permitted,
                    "a network namespace needs root, or `unshare --user --map-root-user`");
            namespace.must("ip", "link", "set", "lo", "up");
            made = true;
            return namespace;
        } finally {
            if (!made) {
                namespace.close();
            }
        }
    }

    /** Runs {@code task} in it: what is opened there works from any thread afterwards. */
    public <T> T run(Callable<T> task) throws Exception {
        try {
            return thread.submit(task).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        }
    }

    /** Runs a command in it and waits for its end. */
    public Ended exec(String... command) throws Exception {
        Running running = start(command);
        try {
            return running.await();
        } finally {
            commands.remove(running);
            running.end();
        }
    }

    /**
     * As {@link #exec}, for a command that is to succeed.
     *
     * @return what it wrote
     */
    public String must(String... command) throws Exception {
        Ended ended = exec(command);
        if (ended.status != 0) {
            throw new AssertionError(List.of(command) + " failed: " + ended);
        }
        return ended.output;
    }

    /** Starts a command in it; {@link #close} ends it if nothing else does. */
    public Running start(String... command) throws Exception {
        Path file = Files.createTempFile("byssus-command", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file.toFile());
        // The JDK forks on the calling thread, so the process is where that thread is.
        Running running = new Running(List.of(command), run(builder::start), file);
        commands.add(running);
        return running;
    }

    /** Ends its processes and its thread. What the thread has opened is its opener's to close. */
    @Override
    public void close() {
        commands.forEach(Running::end);
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the thread of the network namespace does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Moves the calling thread into a network namespace of its own; false if it may not. */
    @SuppressWarnings("restricted")
    private static boolean unshare() {
        Linker linker = Linker.nativeLinker();
        MethodHandle unshare =
                linker.downcallHandle(
                        linker.defaultLookup().find("unshare").orElseThrow(),
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        try {
            return (int) unshare.invokeExact(CLONE_NEWNET) == 0;
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
    }
}
