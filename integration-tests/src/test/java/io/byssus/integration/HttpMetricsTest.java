package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the http example tells Prometheus. */
class HttpMetricsTest {
    private static final Pattern ACCEPTED =
            Pattern.compile("(?m)^byssus_connections_accepted_\\w+\\{shard=\"\\d+\"} (\\S+)$");

    private static RunningExample http;

    @BeforeAll
    static void start() throws Exception {
        http = RunningExample.start("http");
    }

    @AfterAll
    static void stop() {
        http.stopCleanly();
    }

    @Test
    void metricsCountTheConnectionsThatAskForThem() {
        double before = accepted(metrics());
        assertThat(accepted(metrics())).isEqualTo(before + 1);
    }

    @Test
    void headOfMetricsHasNoBody() {
        Child.Ended curl = Child.run("", "curl", "-sSI", http.url("/metrics"));
        assertThat(curl.status()).isZero();
        assertThat(curl.out())
                .contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .endsWith("\r\n\r\n");
    }

    private static String metrics() {
        return Child.run("", "curl", "-sSf", http.url("/metrics")).out();
    }

    private static double accepted(String metrics) {
        Matcher figure = ACCEPTED.matcher(metrics);
        double sum = 0;
        while (figure.find()) {
            sum += Double.parseDouble(figure.group(1));
        }
        return sum;
    }
}
