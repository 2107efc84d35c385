package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./byssus native-demo}. */
@Tag("tun")
@Timeout(60)
class NativeDemoTest {
    private static final String SCRIPT = RunningExample.ROOT.resolve("byssus").toString();

    @Test
    void showsEveryStepAndEndsWith0() {
        try (Child demo = Child.start(SCRIPT, "native-demo")) {
            Child.Ended ended = demo.awaitEnd();
            assertThat(ended.status()).as(ended.toString()).isZero();
            assertThat(ended.out())
                    .contains(
                            "ip tuntap add dev byssus0 mode tap",
                            "listening on",
                            "3 received, 0% packet loss",
                            "    Hello, native stack\n",
                            "Connection refused",
                            "exit code 0");
            assertNothingIsLeft();
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void signalCleansUp(String signal, int status) {
        try (Child demo = Child.start(SCRIPT, "native-demo")) {
            demo.awaitLine(Pattern.compile("(?m)^ *listening on"));
            demo.signal(signal);
            assertThat(demo.awaitEnd().status()).isEqualTo(status);
            assertNothingIsLeft();
        }
    }

    @Test
    void withoutThePowersItSaysSoInOneSentenceAndEndsWith1() {
        Child.Ended ended =
                Child.run(
                        "",
                        "setpriv",
                        "--reuid=65534",
                        "--clear-groups",
                        "--bounding-set=-all",
                        "--inh-caps=-all",
                        "env",
                        "PATH=" + System.getenv("PATH"),
                        SCRIPT,
                        "native-demo");
        // Where everybody may open the device and make a namespace, it just runs.
        if (ended.status() != 0) {
            assertThat(ended.status()).as(ended.err()).isEqualTo(1);
            assertThat(ended.err()).startsWith("byssus: native-demo cannot run: ");
            assertThat(ended.err().lines()).hasSize(1);
            assertThat(ended.out()).isEmpty();
        }
    }

    private static void assertNothingIsLeft() {
        assertThat(Child.run("", "ip", "link", "show", "byssus0").status()).isNotZero();
    }
}
