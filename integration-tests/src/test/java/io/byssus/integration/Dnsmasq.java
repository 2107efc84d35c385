package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A dnsmasq for the domain {@code test} alone, and dig to ask it. */
final class Dnsmasq implements AutoCloseable {
    static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private static final String BEACON = "beacon.test";

    private final Child child;
    private final String host;
    private final int port;

    private Dnsmasq(Child child, String host, int port) {
        this.child = child;
        this.host = host;
        this.port = port;
    }

    /** On the loopback, on a free port. */
    static Dnsmasq start(List<String> options) throws Exception {
        return start(freePort(), options);
    }

    /** On the loopback. */
    static Dnsmasq start(int port, List<String> options) throws Exception {
        return start(LOOPBACK.getHostAddress(), port, options);
    }

    /** With the records of {@code options}; it answers when this returns. */
    static Dnsmasq start(String host, int port, List<String> options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "dnsmasq",
                                "--keep-in-foreground",
                                "--conf-file=/dev/null",
                                "--no-resolv",
                                "--no-hosts",
                                "--listen-address=" + host,
                                "--bind-interfaces",
                                "--port=" + port,
                                "--pid-file=",
                                "--user=",
                                "--group=",
                                "--local=/test/",
                                "--local-ttl=60",
                                "--host-record=" + BEACON + ",127.0.0.1"));
        command.addAll(options);
        Dnsmasq started = new Dnsmasq(Child.start(command), host, port);
        while (started.dig(BEACON, "A").isEmpty()) {
            if (!started.child.isAlive()) {
                throw started.child.failure("ended before it answered");
            }
        }
        return started;
    }

    /** Free over both. */
    private static int freePort() throws IOException {
        while (true) {
            try (ServerSocket tcp = new ServerSocket(0, 1, LOOPBACK);
                    DatagramSocket udp =
                            new DatagramSocket(
                                    new InetSocketAddress(LOOPBACK, tcp.getLocalPort()))) {
                return udp.getLocalPort();
            } catch (BindException e) {
                continue;
            }
        }
    }

    /** As {@code --dns-server} takes it. */
    String address() {
        return host + ":" + port;
    }

    int port() {
        return port;
    }

    /** What dig prints, a line for each record. */
    Set<String> dig(String name, String type) throws Exception {
        Process dig =
                new ProcessBuilder(
                                "dig",
                                "+short",
                                "+tries=1",
                                "+time=5",
                                "-p",
                                Integer.toString(port),
                                "@" + host,
                                name,
                                type)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String out = new String(dig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        dig.waitFor();
        return out.lines().filter(line -> !line.startsWith(";")).collect(Collectors.toSet());
    }

    @Override
    public void close() throws IOException {
        assertThat(child.isAlive()).as("dnsmasq still runs").isTrue();
        child.close();
    }
}
