package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The ways to start a program: class path, module path, with and without what it needs. */
class LaunchTest {
    private static final String MAIN = "io.byssus.examples.Examples";
    private static final Path DIST = RunningExample.JAR.getParent();
    private static final String CLASS_PATH = DIST.resolve("lib") + "/*:" + RunningExample.JAR;
    private static final String MODULE_PATH = RunningExample.JAR + ":" + DIST.resolve("lib");

    @Test
    void classPathWithoutAddOpensSaysWhatToAdd() {
        try (Child child = Child.java(List.of("-cp", CLASS_PATH, MAIN, "echo", "--port", "0"))) {
            assertToldToAdd(child.awaitEnd(), "ALL-UNNAMED");
        }
    }

    @Test
    void modulePathWithoutAddOpensSaysWhatToAdd() {
        try (Child child = Child.java(List.of("-p", MODULE_PATH, "-m", module(), "fanout"))) {
            assertToldToAdd(child.awaitEnd(), "io.byssus.runtime");
        }
    }

    @Test
    void modulePathStarts() {
        try (Child child = modular("fanout", "--count", "10")) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out()).contains("shard 0 counted to 10\n", "sum ");
        }
    }

    @Test
    void modulePathServes() {
        try (Child child = modular("http", "--port", "0", "--stall-threshold", "10s")) {
            String port = child.awaitLine(Pattern.compile("listening on .*:(\\d+) ")).group(1);
            Child.Ended curl = Child.run("", "curl", "-sS", "http://127.0.0.1:" + port + "/");
            assertThat(curl.out()).isEqualTo("Hello, World!");
            child.signal("INT");
            assertThat(child.awaitEnd().status()).isZero();
            assertThat(child.err().text()).isEmpty();
        }
    }

    @Test
    void plainJavaMinusJarNeedsNoFlags() {
        try (Child child = Child.java(List.of("-jar", RunningExample.JAR.toString(), "fanout"))) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void listNamesEveryExampleInALine() {
        try (Child child = Child.java(List.of("-jar", RunningExample.JAR.toString(), "list"))) {
            assertThat(child.awaitEnd().out().lines().map(line -> line.split(" ", 2)[0]))
                    .containsExactlyInAnyOrder(
                            "accept",
                            "hello",
                            "echo",
                            "udp-echo",
                            "tls-echo",
                            "http",
                            "proxy",
                            "fanout");
        }
    }

    @Test
    void ipv6LoopbackServesCurl() throws Exception {
        try (RunningExample http = RunningExample.start("http", "--host", "::1")) {
            String url = "http://[::1]:" + http.port() + "/json";
            Child.Ended curl = Child.run("", "curl", "-6", "-gsS", url);
            assertThat(curl).isEqualTo(new Child.Ended(0, "{\"message\":\"Hello, World!\"}", ""));
            assertThat(http.child().out().text()).startsWith("listening on [::1]:");
            http.stopCleanly();
        }
    }

    @Test
    void ipv6ClientIsAnnouncedWithItsAddress() throws Exception {
        try (RunningExample accept = RunningExample.start("accept", "--host", "::1")) {
            assertThat(Child.run("", "nc", "-6", "::1", Integer.toString(accept.port())).status())
                    .isZero();
            accept.child()
                    .awaitLine(Pattern.compile("(?m)^Accepted connection from \\[::1]:\\d+$"));
            accept.stopCleanly();
        }
    }

    private static Child modular(String... arguments) {
        return Child.java(
                Stream.concat(
                                List.of(
                                        "--add-opens",
                                        "java.base/java.lang=io.byssus.runtime",
                                        "--enable-native-access=io.byssus.runtime",
                                        "-p",
                                        MODULE_PATH,
                                        "-m",
                                        module())
                                        .stream(),
                                Arrays.stream(arguments))
                        .toList());
    }

    private static String module() {
        return "io.byssus.examples/" + MAIN;
    }

    private static void assertToldToAdd(Child.Ended ended, String target) {
        assertThat(ended)
                .isEqualTo(
                        new Child.Ended(
                                1,
                                "",
                                "Byssus needs --add-opens=java.base/java.lang="
                                        + target
                                        + " on the java command line (java -jar reads it from the"
                                        + " jar's manifest)\n"));
    }
}
