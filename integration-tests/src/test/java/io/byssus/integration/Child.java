package io.byssus.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process that a test has started: its output, signals to it, its end. Every wait has a deadline;
 * when one passes, the fibers of a JVM are dumped into the failure's message.
 */
final class Child implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private static final Duration DUMP_LIMIT = Duration.ofSeconds(10);

    private final List<String> command;
    private final Process process;
    private final Output out;
    private final Output err;

    private Child(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        this.out = new Output("out " + process.pid(), process.getInputStream());
        this.err = new Output("err " + process.pid(), process.getErrorStream());
    }

    /** Starts a tool of the machine; a missing one fails with a sentence. */
    static Child start(String... command) {
        return start(List.of(command));
    }

    static Child start(List<String> command) {
        try {
            return new Child(command, new ProcessBuilder(command).start());
        } catch (IOException e) {
            throw new AssertionError(
                    "this test needs '" + command.getFirst() + "' on the PATH: " + e.getMessage(),
                    e);
        }
    }

    /** Starts the JVM that runs the tests. */
    static Child java(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA.toString()));
        command.addAll(arguments);
        return start(command);
    }

    /** Runs a tool to its end with {@code input} on its standard input. */
    static Ended run(String input, String... command) {
        try (Child child = start(command)) {
            child.send(input);
            child.endInput();
            return child.awaitEnd();
        }
    }

    /** Writes to its standard input. */
    void send(String input) {
        try {
            process.getOutputStream().write(input.getBytes(StandardCharsets.ISO_8859_1));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    Output out() {
        return out;
    }

    Output err() {
        return err;
    }

    /** Waits for a line on its standard output in which {@code pattern} is found. */
    Matcher awaitLine(Pattern pattern) {
        return awaitLine(out, pattern);
    }

    /** Waits for a line on its standard error stream in which {@code pattern} is found. */
    Matcher awaitErrorLine(Pattern pattern) {
        return awaitLine(err, pattern);
    }

    private Matcher awaitLine(Output output, Pattern pattern) {
        try {
            return output.await(
                    LIMIT,
                    text -> {
                        Matcher line =
                                pattern.matcher(text.substring(0, text.lastIndexOf('\n') + 1));
                        return line.find() ? Optional.of(line) : Optional.empty();
                    });
        } catch (TimeoutException e) {
            throw failure("no line with '" + pattern + "', " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends SIG{@code name}. */
    void signal(String name) {
        Ended ended = run("", "kill", "-" + name, Long.toString(process.pid()));
        if (ended.status() != 0) {
            throw failure("kill -" + name + ": " + ended.err());
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it ends within {@code limit}. */
    boolean endsWithin(Duration limit) {
        try {
            return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits for its end. */
    Ended awaitEnd() {
        return awaitEnd(LIMIT);
    }

    Ended awaitEnd(Duration limit) {
        if (!endsWithin(limit)) {
            throw failure("has not ended after " + limit.toMillis() + " ms");
        }
        try {
            out.awaitEnd(LIMIT);
            err.awaitEnd(LIMIT);
        } catch (TimeoutException e) {
            throw failure(e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        return new Ended(process.exitValue(), out.text(), err.text());
    }

    /** Its resident memory. */
    long residentBytes() {
        return statusKib("VmRSS") << 10;
    }

    private long statusKib(String field) {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once if it has not ended; a test that fails then tells what it was at. */
    @Override
    public void close() {
        if (isAlive()) {
            String told = tellAll("has not ended");
            Witnesses.call(() -> told);
        }
        process.destroyForcibly();
        if (!endsWithin(LIMIT)) {
            throw new AssertionError(this + " cannot be killed");
        }
    }

    /** An error that tells all there is to know. */
    AssertionError failure(String what) {
        return new AssertionError(tellAll(what));
    }

    private String tellAll(String what) {
        String fibers = isAlive() && command.getFirst().equals(JAVA.toString()) ? fibers() : "";
        return this
                + ": "
                + what
                + "\n---- out\n"
                + out.text()
                + "---- err\n"
                + err.text()
                + fibers;
    }

    private String fibers() {
        Path jcmd = JAVA.resolveSibling("jcmd");
        try {
            Path dump = Files.createTempDirectory("byssus-fibers").resolve("fibers.txt");
            try (Child tool =
                    start(
                            jcmd.toString(),
                            Long.toString(process.pid()),
                            "Thread.dump_to_file",
                            dump.toString())) {
                if (!tool.endsWithin(DUMP_LIMIT)) {
                    return "---- no dump of the fibers: the JVM does not answer\n";
                }
            }
            return "---- fibers\n" + Files.readString(dump);
        } catch (IOException e) {
            return "---- no dump of the fibers: " + e + "\n";
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("the test was interrupted while it waited", e);
    }

    @Override
    public String toString() {
        return "process " + process.pid() + " (" + String.join(" ", command) + ")";
    }

    /** How a process has ended; one character per byte of output. */
    record Ended(int status, String out, String err) {}
}
