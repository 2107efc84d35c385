package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples without a system call of ours, on Linux and on what says that it is another. */
class PortableBackendTest {
    private static final String HELLO = "Hello, World!";
    private static final String NOTICE =
            "this is Mac OS X: --reactor-backend nio, shards are not bound to processors, and a"
                    + " port has one queue for all of them\n";

    @TempDir private Path folder;

    /** Whether the server runs where Linux is hidden from it. */
    private RunningExample start(boolean elsewhere, String name, String... options)
            throws Exception {
        if (!elsewhere) {
            List<String> all = new ArrayList<>(List.of(options));
            all.addAll(List.of("--reactor-backend", "nio"));
            return RunningExample.start(name, all.toArray(String[]::new));
        }
        return RunningExample.start(
                List.of("-Dio.byssus.os=Mac OS X", "-Xlog:class+init=info:file=" + initialised()),
                RunningExample.Buffers.TRACKING,
                name,
                options);
    }

    private Path initialised() {
        return folder.resolve("initialised");
    }

    private void stop(boolean elsewhere, RunningExample example) throws Exception {
        if (!elsewhere) {
            example.stopCleanly();
            return;
        }
        try (example) {
            Child.Ended ended = example.stop();
            assertThat(ended.status()).isZero();
            assertThat(ended.err().lines().filter(line -> line.contains("this is Mac OS X")))
                    .hasSize(1);
            assertThat(ended.err()).contains(NOTICE).doesNotContain("WARNING", "SEVERE");
        }
        String log = Files.readString(initialised());
        assertThat(log).contains("io.byssus.runtime.os.HostSystem");
        assertThat(log)
                .as("classes that link functions of the C library")
                .doesNotContain(
                        "io.byssus.runtime.os.Downcalls",
                        "io.byssus.runtime.os.CallState",
                        "io.byssus.runtime.os.Epoll",
                        "io.byssus.runtime.os.ThreadTimes ",
                        "java.lang.foreign.Linker");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void echoAnswersNc(boolean elsewhere) throws Exception {
        String lines = "one\ntwo\nthree\n";
        try (RunningExample echo = start(elsewhere, "echo", "--smp", "2", "--overprovisioned")) {
            for (int i = 0; i < 4; i++) {
                assertThat(Child.run(lines, "nc", "-N", "127.0.0.1", Integer.toString(echo.port())))
                        .isEqualTo(new Child.Ended(0, lines, ""));
            }
            stop(elsewhere, echo);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void httpAnswersCurl(boolean elsewhere) throws Exception {
        try (RunningExample http = start(elsewhere, "http", "--smp", "2", "--overprovisioned")) {
            Child.Ended curl = Child.run("", "curl", "-sS", http.url("/"), http.url("/plaintext"));
            assertThat(curl).isEqualTo(new Child.Ended(0, HELLO + HELLO, ""));
            stop(elsewhere, http);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void proxyRelaysBetweenNcAndEcho(boolean elsewhere) throws Exception {
        try (RunningExample echo = start(false, "echo");
                RunningExample proxy =
                        start(elsewhere, "proxy", "--to", "127.0.0.1:" + echo.port())) {
            Child.Ended nc =
                    Child.run("through\n", "nc", "-N", "127.0.0.1", Integer.toString(proxy.port()));
            assertThat(nc).isEqualTo(new Child.Ended(0, "through\n", ""));
            stop(elsewhere, proxy);
            echo.stopCleanly();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--reactor-backend epoll",
                "--network-stack native",
                "--cpuset 0",
                "--thread-affinity on"
            })
    void elsewhereWhatNeedsLinuxIsRefusedInOneSentence(String option) {
        List<String> arguments =
                new ArrayList<>(
                        RunningExample.arguments(
                                RunningExample.Buffers.TRACKING, "echo", option.split(" ")));
        arguments.addFirst("-Dio.byssus.os=Mac OS X");
        try (Child child = Child.java(arguments)) {
            Child.Ended ended = child.awaitEnd();
            assertThat(ended.status()).isNotZero();
            assertThat(ended.err())
                    .matches(Pattern.compile("[^\n]*Linux[^\n]*this is Mac OS X\n"))
                    .startsWith(option);
        }
    }
}
