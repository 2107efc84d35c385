package io.byssus.benchmarks;

import io.byssus.benchmarks.Load.HttpGenerator;
import io.byssus.benchmarks.Workload.Protocol;
import io.byssus.benchmarks.load.ProcessUsage;
import java.io.EOFException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an idle connection costs: the growth of an echo server's resident memory over 10,000
 * connections, per connection.
 *
 * <p>The server is warmed up with load first, so that its code is compiled and its heap and pools
 * have been touched. Then each connection echoes one message, which proves that it was accepted and
 * makes the server use, and give back, a buffer for it; after that it is silent. Memory that the
 * kernel holds for a socket is not resident memory of the process and is in no column.
 *
 * <p>Two figures are printed. The first is the plain growth. It misses what lies in the young
 * generation, whose pages were touched before; so the second is read after a full collection, which
 * moves everything that lives to the old generation.
 */
public final class IdleMemory {
    private static final String USAGE =
            """
            usage: IdleMemory [options]
              --connections N       default 10000 (the descriptor limit is often 20000)
              --servers S,S,...     default byssus,netty-epoll,jdk
              --warmup-seconds S    default 5
              --byssus-jar, --byssus-args, --jvm-options, --server-cpu, --load-cpu
                                    as for SideBySide
            """;
    private static final List<String> OF_SIDE_BY_SIDE =
            List.of(
                    "servers",
                    "byssus-jar",
                    "byssus-args",
                    "jvm-options",
                    "server-cpu",
                    "load-cpu");
    private static final Workload WARMUP = Workload.named("echo-64@64");
    private static final int MESSAGE_BYTES = 64;
    private static final long SETTLE_MILLIS = 2000;
    private static final double BYTES_PER_MEBIBYTE = 1024 * 1024;

    private IdleMemory() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<String> valued = new ArrayList<>(OF_SIDE_BY_SIDE);
        valued.addAll(List.of("connections", "warmup-seconds"));
        Arguments given = Arguments.parse(arguments, USAGE, valued, List.of());
        try {
            int connections = given.number("connections", 10_000);
            TestBed bed = Options.bed(given);
            Load load = new Load(bed, HttpGenerator.AUTO, given.number("warmup-seconds", 5), 1);
            System.out.println(
                    "| server | RSS before, MiB | RSS with "
                            + connections
                            + " idle connections, MiB | bytes per connection"
                            + " | after a full GC |\n"
                            + "| --- | --: | --: | --: | --: |");
            for (String name : given.list("servers", List.of("byssus", "netty-epoll", "jdk"))) {
                measure(bed, load, Server.named(name), connections);
            }
        } catch (IOException | IllegalArgumentException failure) {
            System.err.println("idle memory: " + failure.getMessage());
            System.exit(1);
        }
    }

    private static void measure(TestBed bed, Load load, Server server, int connections)
            throws InterruptedException {
        Optional<String> missing = server.whyMissing(bed);
        if (missing.isPresent()) {
            System.err.println("left out: " + server.optionName() + ": " + missing.get());
            return;
        }
        List<String> command =
                bed.onServerCpu(server.command(bed, Protocol.ECHO, bed.jvmOptions()));
        List<SocketChannel> idle = new ArrayList<>();
        try (RunningServer running = RunningServer.start(command)) {
            load.run(WARMUP, running, 0);
            collectGarbage(server, running);
            double before = settledResidentBytes(running);
            for (int count = 0; count < connections; count++) {
                idle.add(echoOnce(running.port()));
            }
            double after = settledResidentBytes(running);
            collectGarbage(server, running);
            double compacted = settledResidentBytes(running);
            System.out.printf(
                    "| %s | %.1f | %.1f | %.0f | %.0f |%n",
                    server.optionName(),
                    before / BYTES_PER_MEBIBYTE,
                    after / BYTES_PER_MEBIBYTE,
                    (after - before) / connections,
                    (compacted - before) / connections);
        } catch (IOException failure) {
            System.err.printf(
                    "%s failed after %d connections: %s%n",
                    server.optionName(), idle.size(), failure.getMessage());
        } finally {
            idle.forEach(IdleMemory::close);
        }
    }

    private static double settledResidentBytes(RunningServer server) throws InterruptedException {
        // allow ThreadSleep: what is waited for is that nothing happens any more
        Thread.sleep(SETTLE_MILLIS);
        return ProcessUsage.residentBytes(server.pid());
    }

    private static void collectGarbage(Server server, RunningServer running)
            throws IOException, InterruptedException {
        if (server.isJava()) {
            String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            ProcessBuilder command =
                    new ProcessBuilder(jcmd, Long.toString(running.pid()), "GC.run")
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.INHERIT);
            int status = Children.start(command).waitFor();
            if (status != 0) {
                throw new IOException("jcmd GC.run: status=" + status);
            }
        }
    }

    private static SocketChannel echoOnce(int port) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
        channel.write(message);
        message.clear();
        while (message.hasRemaining()) {
            if (channel.read(message) < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
        return channel;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            System.err.println("close: " + failure.getMessage());
        }
    }
}
