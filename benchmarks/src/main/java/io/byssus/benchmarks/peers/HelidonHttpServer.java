package io.byssus.benchmarks.peers;

import io.byssus.benchmarks.Arguments;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The HTTP peer on Helidon 4, the established server that runs each connection on a virtual thread:
 * the same programming model as Byssus on the JDK's own scheduler.
 *
 * <p>Its response may differ from the agreed bytes by the headers that Helidon adds by itself; the
 * runner prints what each server really sends.
 */
public final class HelidonHttpServer {
    private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.US_ASCII);
    private static final Header TEXT_PLAIN =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/plain");
    private static final Header BODY_LENGTH =
            HeaderValues.createCached(HeaderNames.CONTENT_LENGTH, Integer.toString(BODY.length));
    private static final int BACKLOG = 1024;

    private HelidonHttpServer() {}

    public static void main(String[] arguments) {
        Arguments options =
                Arguments.parse(arguments, "usage: --port N", List.of("port"), List.of());
        WebServer server =
                WebServer.builder()
                        .address(InetAddress.getLoopbackAddress())
                        .port(options.number("port", 0))
                        .backlog(BACKLOG)
                        // Its default leaves Nagle's algorithm on, and then a pipelined batch waits
                        // 40 ms for a delayed acknowledgement.
                        .connectionOptions(socket -> socket.tcpNoDelay(true))
                        .routing(routing ->
                                routing.get("/plaintext", (_, out) -> answer(out))
                                        .get("/", (_, out) -> answer(out)))
                        .build()
                        .start();
        ReadyLine.print(server.port());
    }

    private static void answer(ServerResponse response) {
        response.header(TEXT_PLAIN);
        response.header(BODY_LENGTH);
        response.send(BODY);
    }
}
