package io.byssus.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The load generator of {@link UdpComparison}: a C program, so that its own cost does not change
 * from one burst to the next.
 *
 * <p><b>Ownership:</b> one thread.
 */
final class UdpLoad implements AutoCloseable {
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    /** What a burst has moved: datagrams that came back, and that did not. */
    record Burst(long answered, long lost) {}

    private UdpLoad(Process process) {
        this.process = process;
        this.commands = process.outputWriter();
        this.answers = process.inputReader();
    }

    static UdpLoad start(TestBed bed, Path program) throws IOException {
        List<String> command = bed.onLoadCpu(List.of(program.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        return new UdpLoad(Children.start(builder.redirectError(ProcessBuilder.Redirect.INHERIT)));
    }

    /** Keeps {@code inFlight} datagrams, from so many sockets, going round for so long. */
    Burst run(int port, int sockets, int inFlight, int millis, int bytes) throws IOException {
        int each = Math.max(1, inFlight / sockets);
        commands.write(
                String.join(" ", "" + port, "" + sockets, "" + each, "" + millis, bytes + "\n"));
        commands.flush();
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the load generator has ended");
        }
        String[] figures = line.split(" ", -1);
        return new Burst(Long.parseLong(figures[0]), Long.parseLong(figures[1]));
    }

    @Override
    public void close() {
        Children.stop(process);
    }
}
