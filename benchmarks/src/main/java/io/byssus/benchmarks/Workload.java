package io.byssus.benchmarks;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One kind of load: what is spoken, how much of it at a time, and over how many connections.
 *
 * <p>It is written {@code echo-64@1000} (messages of 64 bytes over 1000 connections), {@code
 * echo-16k@64}, {@code http@64} or {@code http-p16@64} (16 requests in flight per connection).
 *
 * <p><b>Ownership:</b> immutable.
 *
 * @param messageBytes bytes per echoed message, 0 for HTTP
 * @param pipeline requests in flight per connection
 */
record Workload(Protocol protocol, int messageBytes, int pipeline, int connections) {

    /** What the server speaks; the names are those of the Byssus examples. */
    enum Protocol {
        ECHO("echo"),
        HTTP("http");

        private final String exampleName;

        Protocol(String exampleName) {
            this.exampleName = exampleName;
        }

        String exampleName() {
            return exampleName;
        }
    }

    static final List<String> ALL =
            List.of(
                    "echo-64@1",
                    "echo-64@64",
                    "echo-64@1000",
                    "echo-16k@1",
                    "echo-16k@64",
                    "echo-16k@1000",
                    "http@64",
                    "http@1000",
                    "http-p16@64",
                    "http-p16@1000");

    static final List<String> QUICK =
            List.of("echo-64@64", "echo-16k@64", "http@64", "http-p16@64");

    private static final int BYTES_PER_K = 1024;
    private static final Pattern ECHO_NAME = Pattern.compile("echo-(\\d+)(k?)@(\\d+)");
    private static final Pattern HTTP_NAME = Pattern.compile("http(?:-p(\\d+))?@(\\d+)");

    /**
     * Reads a load's name.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Workload named(String name) {
        Matcher echo = ECHO_NAME.matcher(name);
        if (echo.matches()) {
            int bytes =
                    Integer.parseInt(echo.group(1)) * (echo.group(2).isEmpty() ? 1 : BYTES_PER_K);
            return new Workload(Protocol.ECHO, bytes, 1, Integer.parseInt(echo.group(3)));
        }
        Matcher http = HTTP_NAME.matcher(name);
        if (http.matches()) {
            int pipeline = http.group(1) == null ? 1 : Integer.parseInt(http.group(1));
            return new Workload(Protocol.HTTP, 0, pipeline, Integer.parseInt(http.group(2)));
        }
        throw new IllegalArgumentException(
                "load=" + name + ": expected something like echo-64@1000, http@64 or http-p16@64");
    }

    /** The name that {@link #named} reads. */
    String name() {
        return switch (protocol) {
            case ECHO -> "echo-" + size() + "@" + connections;
            case HTTP -> "http" + (pipeline == 1 ? "" : "-p" + pipeline) + "@" + connections;
        };
    }

    /** The name in words, as a heading. */
    String title() {
        String what =
                switch (protocol) {
                    case ECHO -> "Echo of " + messageBytes + " B";
                    case HTTP -> "HTTP" + (pipeline == 1 ? "" : ", pipelined by " + pipeline);
                };
        return what + ", " + connections + (connections == 1 ? " connection" : " connections");
    }

    private String size() {
        return messageBytes % BYTES_PER_K == 0
                ? messageBytes / BYTES_PER_K + "k"
                : Integer.toString(messageBytes);
    }
}
