package io.byssus.benchmarks.load;

import io.byssus.benchmarks.stack.BulkServer;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One connection to a {@link BulkServer} that is kept full in one direction: warms it up, measures
 * for a while, prints one {@link ResultLine}. The sender's end is what is counted when sending;
 * what lies in buffers then is a few MiB at both ends of the interval.
 */
public final class BulkLoad {
    private static final int BLOCK_BYTES = 256 << 10;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BITS_PER_GIGABIT = 1e9;

    private enum Direction {
        TO_SERVER,
        FROM_SERVER
    }

    private final LoadOptions options;
    private final Direction direction;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);

    private BulkLoad(LoadOptions options, Direction direction) {
        this.options = options;
        this.direction = direction;
    }

    public static void main(String[] arguments) {
        LoadOptions options =
                LoadOptions.parse(
                        arguments,
                        "  --direction D        to_server (default) or from_server\n",
                        List.of("direction"));
        Direction direction =
                options.given().constant("direction", Direction.class, Direction.TO_SERVER);
        try {
            new BulkLoad(options, direction).run();
        } catch (IOException failure) {
            System.err.println("load: " + failure.getMessage());
            System.exit(1);
        }
    }

    private void run() throws IOException {
        try (SocketChannel channel = SocketChannel.open(options.socketAddress())) {
            byte first = direction == Direction.TO_SERVER ? BulkServer.TAKE : BulkServer.GIVE;
            channel.write(ByteBuffer.wrap(new byte[] {first}));
            move(channel, options.warmupSeconds());
            long busy = -BusyTime.nanos();
            long server = -serverNanos();
            long start = System.nanoTime();
            long bytes = move(channel, options.seconds());
            double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
            server += serverNanos();
            busy += BusyTime.nanos();
            Map<String, Double> figures = new TreeMap<>();
            figures.put("gbit_per_second", bytes * Byte.SIZE / BITS_PER_GIGABIT / seconds);
            figures.put("busy_nanos_per_byte", (double) busy / bytes);
            figures.put("server_nanos_per_byte", (double) server / bytes);
            System.out.println(ResultLine.format(figures));
            // A reset: there is no end to what a giving server has still to send.
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
    }

    private long serverNanos() {
        return options.serverPid() == 0 ? 0 : ProcessUsage.cpuNanos(options.serverPid());
    }

    private long move(SocketChannel channel, int seconds) throws IOException {
        long end = System.nanoTime() + seconds * (long) NANOS_PER_SECOND;
        long bytes = 0;
        do {
            block.clear();
            int moved =
                    direction == Direction.TO_SERVER ? channel.write(block) : channel.read(block);
            if (moved < 0) {
                throw new IOException("the server closed the connection");
            }
            bytes += moved;
        } while (System.nanoTime() - end < 0);
        return bytes;
    }
}
