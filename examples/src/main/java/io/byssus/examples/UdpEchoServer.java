package io.byssus.examples;

import io.byssus.net.DatagramHeader;
import io.byssus.net.DatagramOptions;
import io.byssus.net.UdpSocket;
import io.byssus.runtime.Byssus;
import io.byssus.runtime.memory.Buffer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** RFC 862 over UDP: sends each datagram back to where it came from. */
@Command(name = "udp-echo", description = "Send datagrams back (RFC 862).")
final class UdpEchoServer implements Callable<Integer> {
    @Mixin private ServerOptions options;

    @Override
    public Integer call() {
        return Byssus.run(options.runtime(), shards -> shards.onEach(this::serviceLoop));
    }

    private void serviceLoop() throws IOException {
        try (UdpSocket socket = options.bindUdp(DatagramOptions.defaults())) {
            DatagramHeader header = new DatagramHeader(); // one for all
            while (true) {
                Buffer payload = socket.receive(header); // parks this fiber, never the shard
                socket.send(payload, header); // the payload belongs to the socket now
            }
        }
    }
}
