package io.byssus.runtime;

import io.byssus.runtime.fiber.FiberCancelledException;
import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.shard.RuntimeOptions;
import io.byssus.runtime.shard.Shards;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Runs a program on shards, from its {@code main}:
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     Byssus.run(args, shards -> shards.onEach(EchoServer::serviceLoop));
 * }
 * }</pre>
 */
public final class Byssus {
    private static final int EXIT_OK = 0;
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;
    private static final long LOG_FLUSH_MILLIS = 500;

    private Byssus() {}

    /**
     * Runs {@code program} with the options in {@code args} ({@code --help} lists them) and ends
     * the JVM: with 0 when it has returned, or was stopped by SIGINT or SIGTERM and all its fibers
     * have ended; with 1 when it failed; with 2 when an option is wrong. A second signal ends the
     * JVM at once.
     */
    public static void run(String[] args, Program program) {
        RuntimeArguments arguments = new RuntimeArguments();
        CommandLine commandLine =
                new CommandLine(arguments).setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.getCommandSpec().name("program");
        PrintStream err = System.err;
        int status = EXIT_OK;
        try {
            commandLine.parseArgs(args);
            if (commandLine.isUsageHelpRequested()) {
                commandLine.usage(System.out);
            } else {
                status = run(arguments.toOptions(), program);
            }
        } catch (ParameterException e) {
            err.println(e.getMessage());
            status = EXIT_USAGE;
        }
        System.exit(status);
    }

    /**
     * Runs {@code program}, handling SIGINT and SIGTERM, until it ends or a signal comes, and stops
     * its runtime. What failed is told on the standard error stream: in one line if the cause is
     * outside the program (a port in use, a wrong option).
     *
     * @return the exit status, as for {@link #run(String[], Program)}
     */
    public static int run(RuntimeOptions options, Program program) {
        Shards shards;
        try {
            shards = Shards.start(options);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return EXIT_USAGE;
        } catch (UnsupportedOperationException e) {
            System.err.println(e.getMessage());
            return EXIT_FAILED;
        }
        CompletableFuture<Void> signal = new CompletableFuture<>();
        Signals.install(() -> signal.complete(null));
        CompletableFuture<Void> end =
                shards.spawn(
                        0,
                        "main",
                        () -> {
                            program.run(shards);
                            return null;
                        });
        awaitEither(end, signal);
        boolean endedBefore = end.isDone();
        int status = endedBefore ? report(end) : EXIT_OK;
        boolean clean = shards.stop();
        if (!endedBefore && clean) {
            status = report(end); // what failed during the stop
        }
        flushLog();
        return status == EXIT_OK && !clean ? EXIT_FAILED : status;
    }

    private static void awaitEither(CompletableFuture<Void> end, CompletableFuture<Void> signal) {
        try {
            Object ignored = CompletableFuture.anyOf(end.exceptionally(e -> null), signal).get();
            assert ignored == null;
        } catch (InterruptedException | ExecutionException e) {
            // Interrupted: whoever did that wants the program to end.
            Thread.currentThread().interrupt();
        }
    }

    /** Tells why the program failed, if it did; its exit status. */
    private static int report(CompletableFuture<Void> end) {
        Throwable failure = end.handle((result, exception) -> exception).join();
        if (failure == null || failure instanceof FiberCancelledException) {
            return EXIT_OK;
        }
        if (failure instanceof IOException) {
            System.err.println(failure.getMessage());
        } else {
            failure.printStackTrace();
        }
        return EXIT_FAILED;
    }

    private static void flushLog() {
        try {
            ShardLog.flush(LOG_FLUSH_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
