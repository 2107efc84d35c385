package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./byssus} on this checkout: its words, and that it runs what it names. */
class ScriptTest {
    private static final Path SCRIPT = RunningExample.ROOT.resolve("byssus");

    @ParameterizedTest
    @ValueSource(strings = {"", "help", "-h", "--help"})
    void helpNamesEveryCommand(String arguments) {
        Child.Ended ended = run(arguments);
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
                .contains("JDK 25")
                .contains(
                        "  list ",
                        "  run ",
                        "  native-demo ",
                        "  test ",
                        "  bench ",
                        "  build ",
                        "  format ")
                .contains("  clean ", "  help ", "BYSSUS_JAVA_OPTS", "BYSSUS_REQUIRE");
    }

    @Test
    void listHasALineForEachExample() {
        Child.Ended ended = run("list");
        assertThat(ended.status()).isZero();
        assertThat(ended.out().lines().map(line -> line.split(" +", 2)[0]))
                .containsExactlyInAnyOrder(
                        "accept",
                        "hello",
                        "echo",
                        "udp-echo",
                        "tls-echo",
                        "http",
                        "proxy",
                        "fanout");
        assertThat(ended.out().lines()).allMatch(line -> line.matches("[a-z-]+ +[A-Z].*\\."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    frobnicate        | 'frobnicate' is neither a command nor an example (./byssus help, ./byssus list)
                    ehco              | 'ehco' is neither a command nor an example; did you mean 'echo'?
                    tset              | 'tset' is neither a command nor an example; did you mean 'test'?
                    run frobnicate    | 'frobnicate' is neither a command nor an example
                    run posix         | 'posix' is neither a command nor an example
                    --frobnicate      | unknown option '--frobnicate'; ./byssus help shows what there is
                    run               | run needs the name of an example; ./byssus list shows them
                    run --port 1      | run takes the name of an example first, and got '--port'
                    native-demo all   | native-demo takes no arguments, and got 'all'
                    list all          | list takes no arguments, and got 'all'
                    format all        | format takes no arguments, and got 'all'
                    clean all         | clean takes no arguments, and got 'all'
                    build frobnicate  | build takes nothing, 'examples' or 'benchmarks', and got 'frobnicate'
                    test frobnicate   | 'frobnicate' is no test group; there are: checks unit integration stress fuzz root tun containers
                    test --frobnicate | '--frobnicate' is no test group
                    """)
    void wrongWordIsToldInOneSentenceAndEndsWith2(String arguments, String sentence) {
        assertOneLine(run(arguments), sentence);
    }

    @Test
    void unknownGroupInByssusRequireIsTold(@TempDir Path folder) throws Exception {
        ScratchCheckout scratch = ScratchCheckout.of(folder).set("BYSSUS_REQUIRE", "root,frob");
        assertOneLine(scratch.run("test", "unit"), "BYSSUS_REQUIRE names 'frob', which is no test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run echo", "echo"})
    void exampleIsTheProcessThatWasStartedAndEndsAtCtrlC(String arguments) {
        try (Child echo = start(arguments + " --port 0")) {
            String port =
                    echo.awaitLine(Pattern.compile("listening on 0\\.0\\.0\\.0:(\\d+) with"))
                            .group(1);
            assertThat(Child.run("x\n", "nc", "-N", "127.0.0.1", port).out()).isEqualTo("x\n");
            echo.signal("INT");
            assertThat(echo.awaitEnd().status()).isZero();
            assertThat(echo.err().text()).isEmpty();
        }
    }

    @Test
    void exitCodeIsTheExamples() {
        Child.Ended ended = run("echo --port 99999");
        assertOneLine(ended, "--port 99999: a port is between 0 and 65535");
    }

    private static Child.Ended run(String arguments) {
        try (Child child = start(arguments)) {
            return child.awaitEnd();
        }
    }

    private static Child start(String arguments) {
        return Child.start((SCRIPT + " " + arguments).trim().split(" "));
    }

    private static void assertOneLine(Child.Ended ended, String sentence) {
        assertThat(ended.err()).contains(sentence);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.status()).isEqualTo(2);
    }
}
