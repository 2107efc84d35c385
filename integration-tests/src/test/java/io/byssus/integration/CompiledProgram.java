package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A program from a page.
 *
 * @param name of its class
 * @param classes where that is
 * @param port that it listens on, if it does
 */
record CompiledProgram(String name, Path classes, int port) {
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    /** A program that names this needs the JDK's previews. */
    private static final String PREVIEW = "StructuredTaskScope";

    private static final List<String> PREVIEWING =
            List.of("--enable-preview", "--release", Integer.toString(Runtime.version().feature()));

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(20);
    private static final int CONNECT_LIMIT_MILLIS = 5_000;

    /**
     * Compiles with all warnings as errors.
     *
     * @return the folder with the classes
     */
    static Path compile(String name, String source, Path folder) throws IOException {
        Path classes = Files.createDirectory(folder.resolve("classes-" + name));
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            // "path" is about other people's jars that name each other.
            List<String> options =
                    new ArrayList<>(source.contains(PREVIEW) ? PREVIEWING : List.of());
            options.addAll(
                    List.of(
                            "-Xlint:all,-path,-preview",
                            "-Werror",
                            "-proc:none",
                            "-cp",
                            CLASS_PATH,
                            "-d",
                            classes.toString()));
            boolean compiled =
                    compiler.getTask(
                                    messages,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call();
            assertThat(compiled).as("%s compiles:%n%s", name, messages).isTrue();
        }
        return classes;
    }

    /** Starts it as the guide says. */
    Child start(String... options) {
        return start(List.of(), options);
    }

    /** As the other, with options for the JVM. */
    Child start(List<String> jvmOptions, String... options) {
        List<String> arguments = new ArrayList<>(jvmOptions);
        arguments.addAll(
                List.of(
                        "-ea",
                        "--enable-preview",
                        "-Dio.byssus.buffers=tracking",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classes + ":" + CLASS_PATH,
                        name));
        arguments.addAll(List.of(options));
        return Child.java(arguments);
    }

    /** Connects to the server as soon as it listens. */
    Socket connect(Child child) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        long deadline = System.nanoTime() + Child.LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            Socket socket = new Socket();
            try {
                socket.connect(address, CONNECT_LIMIT_MILLIS);
                socket.setSoTimeout((int) Child.LIMIT.toMillis());
                return socket;
            } catch (ConnectException e) {
                socket.close();
                if (child.endsWithin(BETWEEN_ATTEMPTS)) {
                    throw child.failure("ended before it listened: " + e);
                }
            }
        }
        throw child.failure("does not listen on port " + port);
    }
}
