package io.byssus.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server process that accepts connections.
 *
 * <p>It is ready when it prints a line with {@code listening on ADDRESS:PORT}, which every peer and
 * every Byssus example does; so no port is agreed beforehand and none is probed.
 *
 * <p><b>Ownership:</b> one thread; another drains the process's output.
 */
public final class RunningServer implements AutoCloseable {
    private static final Pattern READY =
            Pattern.compile("listening on \\S*:(\\d+)", Pattern.CASE_INSENSITIVE);
    private static final int START_SECONDS_MAX = 60;
    private static final int LINES_KEPT = 20;

    private final Process process;
    private final int port;

    private RunningServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts the server and waits until it is ready.
     *
     * @throws IOException with the server's last words when it ends or stays silent
     */
    public static RunningServer start(List<String> command)
            throws IOException, InterruptedException {
        Process process = Children.start(new ProcessBuilder(command).redirectErrorStream(true));
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("server output").start(() -> drain(process, port));
        try {
            return new RunningServer(process, port.get(START_SECONDS_MAX, TimeUnit.SECONDS));
        } catch (ExecutionException ended) {
            throw new IOException(ended.getCause().getMessage(), ended);
        } catch (TimeoutException silent) {
            Children.stop(process);
            throw new IOException("not ready after " + START_SECONDS_MAX + " s", silent);
        }
    }

    /** Reads to the end, so that the server never blocks on a full pipe. */
    private static void drain(Process process, CompletableFuture<Integer> port) {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    port.complete(Integer.valueOf(ready.group(1)));
                }
                last.addLast(line);
                if (last.size() > LINES_KEPT) {
                    last.removeFirst();
                }
            }
        } catch (IOException streamClosed) {
            last.addLast(streamClosed.toString());
        }
        // Without effect when it was ready before.
        port.completeExceptionally(
                new IOException("the server ended: " + String.join(System.lineSeparator(), last)));
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        Children.stop(process);
    }
}
