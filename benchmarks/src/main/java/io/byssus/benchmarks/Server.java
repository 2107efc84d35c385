package io.byssus.benchmarks;

import io.byssus.benchmarks.Workload.Protocol;
import io.byssus.benchmarks.peers.HelidonHttpServer;
import io.byssus.benchmarks.peers.JdkEchoServer;
import io.byssus.benchmarks.peers.NettyEchoServer;
import io.byssus.benchmarks.peers.NettyHttpServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The servers that are compared, and how each is started. All JVM servers get the same flags; what
 * one adds to them limits it to one thread, as all are limited.
 */
enum Server {
    BYSSUS("byssus") {
        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            List<String> command = new ArrayList<>(bed.java(jvmOptions));
            command.addAll(List.of("-jar", bed.byssusJar().toString(), protocol.exampleName()));
            command.addAll(List.of("--port", "0", "--smp", "1"));
            command.addAll(List.of("--cpuset", Integer.toString(bed.serverCpu())));
            command.addAll(bed.byssusArguments());
            return command;
        }

        @Override
        Optional<String> whyMissing(TestBed bed) {
            return Files.isRegularFile(bed.byssusJar())
                    ? Optional.empty()
                    : Optional.of("not built: " + bed.relative(bed.byssusJar()));
        }
    },
    /** The same program on its other backend; not in the default set. */
    BYSSUS_IO_URING("byssus-io_uring") {
        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            List<String> command = new ArrayList<>(BYSSUS.command(bed, protocol, jvmOptions));
            command.addAll(List.of("--reactor-backend", "io_uring"));
            return command;
        }

        @Override
        Optional<String> whyMissing(TestBed bed) {
            return BYSSUS.whyMissing(bed);
        }
    },
    NETTY_EPOLL("netty-epoll"),
    /**
     * Netty as it was before Java 25: from there on it leaves {@code sun.misc.Unsafe} alone unless
     * the JVM is told so on the command line. To see what that is worth; not in the default set.
     */
    NETTY_EPOLL_UNSAFE("netty-epoll-unsafe") {
        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            List<String> options = new ArrayList<>(jvmOptions);
            options.add("--sun-misc-unsafe-memory-access=allow");
            return netty(bed, protocol, options, "epoll");
        }
    },
    NETTY_IO_URING("netty-io_uring"),
    NETTY_NIO("netty-nio"),
    JDK("jdk") {
        @Override
        boolean serves(Protocol protocol) {
            return protocol == Protocol.ECHO;
        }

        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            List<String> options = new ArrayList<>(jvmOptions);
            options.add("-Djdk.virtualThreadScheduler.parallelism=1");
            options.add("-Djdk.virtualThreadScheduler.maxPoolSize=1");
            return bed.javaMain(options, JdkEchoServer.class, "--port", "0");
        }
    },
    HELIDON("helidon") {
        @Override
        boolean serves(Protocol protocol) {
            return protocol == Protocol.HTTP;
        }

        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            List<String> options = new ArrayList<>(jvmOptions);
            options.add("-Djdk.virtualThreadScheduler.parallelism=1");
            options.add("-Djdk.virtualThreadScheduler.maxPoolSize=1");
            return bed.javaMain(options, HelidonHttpServer.class, "--port", "0");
        }
    },
    C_EPOLL("c-epoll") {
        @Override
        boolean serves(Protocol protocol) {
            return protocol == Protocol.ECHO;
        }

        @Override
        boolean isJava() {
            return false;
        }

        @Override
        List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
            return List.of(cProgram(bed).toString(), "--port", "0");
        }

        @Override
        Optional<String> whyMissing(TestBed bed) {
            return CompiledC.build(
                    bed, bed.sources().resolve("c").resolve("epoll_echo.c"), cProgram(bed));
        }

        private Path cProgram(TestBed bed) {
            return bed.output().resolve("epoll_echo");
        }
    };

    private static final String NETTY_PREFIX = "netty-";

    private final String optionName;

    Server(String optionName) {
        this.optionName = optionName;
    }

    /** The server that {@code --servers} calls so. */
    static Server named(String optionName) {
        return Arrays.stream(values())
                .filter(server -> server.optionName.equals(optionName))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "server=" + optionName + ": expected one of " + names()));
    }

    static String names() {
        return Arrays.stream(values()).map(Server::optionName).collect(Collectors.joining(", "));
    }

    String optionName() {
        return optionName;
    }

    boolean serves(Protocol protocol) {
        return true;
    }

    /** Whether JVM flags mean anything to it. */
    boolean isJava() {
        return true;
    }

    /** The command line, without the pinning; the server is to choose its port and print it. */
    List<String> command(TestBed bed, Protocol protocol, List<String> jvmOptions) {
        String transport = optionName.substring(NETTY_PREFIX.length());
        return netty(bed, protocol, jvmOptions, transport);
    }

    private static List<String> netty(
            TestBed bed, Protocol protocol, List<String> jvmOptions, String transport) {
        Class<?> main = protocol == Protocol.ECHO ? NettyEchoServer.class : NettyHttpServer.class;
        return bed.javaMain(jvmOptions, main, "--port", "0", "--transport", transport);
    }

    /** Says why it cannot be started on this machine, in a few words; empty when it can. */
    Optional<String> whyMissing(TestBed bed) {
        return Optional.empty();
    }
}
