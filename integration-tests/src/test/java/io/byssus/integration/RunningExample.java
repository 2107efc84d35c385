package io.byssus.integration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A packaged example, started as {@code ./byssus run} starts it, on a port of its own. */
final class RunningExample implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("byssus.root"));
    static final Path JAR = Path.of(System.getProperty("byssus.examples"));

    /** What a server's pool does with its buffers. */
    enum Buffers {
        /** As users have it: for what measures memory or moves much. */
        RECYCLING,
        /** Every leak and every use after the end is found. */
        TRACKING
    }

    private static final int READ_LIMIT_MILLIS = 20_000;
    private static final Pattern LISTENING =
            Pattern.compile("(?m)^listening on (.+):(\\d+) with (\\d+) shards?$");

    private static final Pattern WAITING =
            Pattern.compile(".*ShardLog write\\nINFO: stopping: fibers have \\d+ ms to end\\n");

    private final Child child;
    private final InetSocketAddress address;
    private final int shards;

    private RunningExample(Child child, Matcher listening) throws IOException {
        this.child = child;
        InetAddress host = InetAddress.getByName(listening.group(1).replaceAll("[\\[\\]]", ""));
        this.address =
                new InetSocketAddress(
                        host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host,
                        Integer.parseInt(listening.group(2)));
        this.shards = Integer.parseInt(listening.group(3));
    }

    /** Starts a server that tracks its buffers, and waits until it listens. */
    static RunningExample start(String name, String... options) throws IOException {
        return start(Buffers.TRACKING, name, options);
    }

    static RunningExample start(Buffers buffers, String name, String... options)
            throws IOException {
        return start(List.of(), buffers, name, options);
    }

    /** As the other, with options for the JVM. */
    static RunningExample start(
            List<String> jvmOptions, Buffers buffers, String name, String... options)
            throws IOException {
        List<String> arguments = new ArrayList<>(jvmOptions);
        arguments.addAll(arguments(buffers, name, options));
        Child child = Child.java(arguments);
        try {
            return new RunningExample(child, child.awaitLine(LISTENING));
        } catch (Throwable e) {
            child.close();
            throw e;
        }
    }

    /** Starts an example and waits for nothing; on a free port unless the options name one. */
    static Child launch(String name, String... options) {
        return launch(Buffers.TRACKING, name, options);
    }

    private static Child launch(Buffers buffers, String name, String... options) {
        return Child.java(arguments(buffers, name, options));
    }

    /** What {@link #launch} gives to the JVM. */
    static List<String> arguments(Buffers buffers, String name, String... options) {
        List<String> arguments = new ArrayList<>();
        arguments.add("@" + ROOT.resolve("config/jvm.options"));
        arguments.add("-ea");
        arguments.add("-Dio.byssus.buffers=" + buffers.name().toLowerCase(Locale.ROOT));
        arguments.addAll(List.of("-jar", JAR.toString(), name));
        if (!name.equals("fanout") && !Arrays.asList(options).contains("--port")) {
            arguments.addAll(List.of("--port", "0"));
        }
        // On a machine with many tests, classes of the first request may take long to load.
        if (!Arrays.asList(options).contains("--stall-threshold")) {
            arguments.addAll(List.of("--stall-threshold", "10s"));
        }
        arguments.addAll(List.of(options));
        return arguments;
    }

    Child child() {
        return child;
    }

    int port() {
        return address.getPort();
    }

    int shards() {
        return shards;
    }

    InetSocketAddress address() {
        return address;
    }

    /** {@code http://127.0.0.1:PORT} and {@code path}. */
    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** A connection whose reads have a deadline. */
    Socket connect() throws IOException {
        return connect(address);
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, READ_LIMIT_MILLIS);
        socket.setSoTimeout(READ_LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    SocketChannel open() throws IOException {
        return SocketChannel.open(address);
    }

    /** SIGTERM, and its end. */
    Child.Ended stop() {
        child.signal("TERM");
        return child.awaitEnd();
    }

    /**
     * Stops it, and fails unless that was clean and nothing was complained about. That it waits for
     * the last fibers is a note, not a complaint.
     */
    void stopCleanly() {
        try (child) {
            Child.Ended ended = stop();
            if (ended.status() != 0 || !WAITING.matcher(ended.err()).replaceAll("").isEmpty()) {
                throw child.failure("ended with " + ended.status() + ", not silently with 0");
            }
        }
    }

    boolean endsWithin(Duration limit) {
        return child.endsWithin(limit);
    }

    @Override
    public void close() {
        child.close();
    }
}
