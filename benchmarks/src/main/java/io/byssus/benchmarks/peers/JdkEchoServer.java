package io.byssus.benchmarks.peers;

import io.byssus.benchmarks.Arguments;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/**
 * The echo peer that the JDK offers by itself: java.net sockets, one virtual thread per connection
 * on the default scheduler, one 16 KiB array per connection.
 *
 * <p>The runner starts it with {@code -Djdk.virtualThreadScheduler.parallelism=1} and {@code
 * maxPoolSize=1}, so that one carrier stands against one shard.
 */
public final class JdkEchoServer {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int BACKLOG = 1024;

    private JdkEchoServer() {}

    public static void main(String[] arguments) throws Exception {
        Arguments options =
                Arguments.parse(arguments, "usage: --port N", List.of("port"), List.of());
        ServerSocket listener =
                new ServerSocket(
                        options.number("port", 0), BACKLOG, InetAddress.getLoopbackAddress());
        ReadyLine.print(listener.getLocalPort());
        Thread.ofVirtual().name("accept").start(() -> accept(listener)).join();
    }

    private static void accept(ServerSocket listener) {
        try (listener) {
            while (true) {
                Socket connection = listener.accept();
                Thread.startVirtualThread(() -> echo(connection));
            }
        } catch (IOException failure) {
            System.err.println("accept: " + failure.getMessage());
        }
    }

    private static void echo(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = connection.getInputStream();
            OutputStream out = connection.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        } catch (IOException reset) {
            // A load generator that ends with requests in flight resets its connections.
            return;
        }
    }
}
