package io.byssus.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A JVM of its own with this one's class path, for what ends a JVM or needs a fresh one. */
public final class ChildJvm implements AutoCloseable {
    private static final int LIMIT_SECONDS = 30;

    /** How it ended. */
    public record Ended(int status, List<String> output, List<String> errors) {
        /** The lines of both. */
        public List<String> lines() {
            return Stream.concat(output.stream(), errors.stream()).toList();
        }
    }

    private final Process process;
    private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<Thread> readers;

    private ChildJvm(Process process) {
        this.process = process;
        this.readers =
                List.of(
                        Thread.ofPlatform().daemon().start(this::readOutput),
                        Thread.ofPlatform().daemon().start(this::readErrors));
    }

    /**
     * Starts {@code main}.
     *
     * @param options for the JVM; none of ours is added
     */
    public static ChildJvm start(List<String> options, Class<?> main, String... arguments)
            throws IOException {
        return start("", options, main, arguments);
    }

    /**
     * Starts {@code main} in a shell.
     *
     * @param shellPrefix what the shell does first, such as {@code ulimit -n 100;}, or nothing
     * @param options for the JVM; none of ours is added
     */
    public static ChildJvm start(
            String shellPrefix, List<String> options, Class<?> main, String... arguments)
            throws IOException {
        String path = System.getProperty("java.class.path");
        // A shell that runs a build in the background lets its children ignore SIGINT.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
        command.addAll(List.of("sh", "-c", shellPrefix + " exec \"$@\"", "sh"));
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-ea"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", path)));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ChildJvm(new ProcessBuilder(command).start());
    }

    /**
     * Reads on until a line of the output contains {@code text}.
     *
     * @return what follows it in that line
     */
    public String awaitLine(String text) throws InterruptedException {
        String line;
        do {
            line = unread.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("no line '" + text + "' in " + output + errors);
            }
        } while (!line.contains(text));
        return line.substring(line.indexOf(text) + text.length());
    }

    /** Waits until {@code count} lines of the errors contain {@code text}. */
    public void awaitErrors(String text, int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        synchronized (errors) {
            while (errors.stream().filter(line -> line.contains(text)).count() < count) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("no " + count + " lines '" + text + "' in " + errors);
                }
                errors.wait(left);
            }
        }
    }

    /** Sends a signal, such as {@code TERM}. */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
    }

    /** Waits for its end. */
    public Ended await() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; " + output + errors);
        }
        for (Thread reader : readers) {
            reader.join();
        }
        return new Ended(process.exitValue(), List.copyOf(output), List.copyOf(errors));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void readOutput() {
        forEachLine(
                process.getInputStream(),
                line -> {
                    output.add(line);
                    unread.add(line);
                });
    }

    private void readErrors() {
        forEachLine(
                process.getErrorStream(),
                line -> {
                    synchronized (errors) {
                        errors.add(line);
                        errors.notifyAll();
                    }
                });
    }

    private static void forEachLine(InputStream stream, Consumer<String> action) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            reader.lines().forEach(action);
        } catch (UncheckedIOException | IOException e) {
            errorsOnDestroy(e);
        }
    }

    /** A process that is destroyed closes its streams under the reader. */
    private static void errorsOnDestroy(Exception e) {
        assert e != null;
    }
}
