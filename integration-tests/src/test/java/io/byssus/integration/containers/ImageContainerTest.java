package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HealthCheck;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

/** What the image promises beside its programs. */
@Tag("containers")
class ImageContainerTest {
    private static final long BYTES_MAX = 150L << 20;
    private static final int MANY = 100;
    private static final int FEW = 10;
    private static final int RETRIES = 100;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static ContainerNetwork network;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.create();
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void isSmall() {
        long bytes =
                DockerClientFactory.instance()
                        .client()
                        .inspectImageCmd(ContainerNetwork.SERVER_IMAGE)
                        .exec()
                        .getSize();
        System.out.printf(
                "%s: %.1f MiB%n", ContainerNetwork.SERVER_IMAGE, bytes / (double) (1 << 20));
        assertThat(bytes).isLessThan(BYTES_MAX);
    }

    @Test
    void withoutArgumentsItListsTheExamples() {
        ServerContainer.Ended ended = network.server("nothing").run();
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines().map(line -> line.split(" ")[0]))
                .containsExactly(
                        "accept",
                        "hello",
                        "echo",
                        "udp-echo",
                        "tls-echo",
                        "http",
                        "proxy",
                        "fanout");
    }

    @Test
    void wrongOptionIsToldInOneSentence() {
        ServerContainer.Ended ended = network.server("wrong", "echo", "--prot").run();
        assertThat(ended).isEqualTo(new ServerContainer.Ended(2, "", ended.err()));
        assertThat(ended.err()).startsWith("Unknown option: '--prot'\n");
        assertThat(ended.err().lines()).hasSizeLessThanOrEqualTo(2); // the second suggests --port
    }

    @Test
    void serverIsNobodyInParticular() throws Exception {
        ServerContainer echo = network.server("nobody", "echo").start();
        assertThat(echo.output("grep -E '^(Uid|Gid):' /proc/1/status"))
                .isEqualTo(
                        """
                        Uid:\t65534\t65534\t65534\t65534
                        Gid:\t65534\t65534\t65534\t65534
                        """);
    }

    @Test
    void ourClassesComeFromTheAheadOfTimeCache() {
        ServerContainer http =
                network.server("cached", "http")
                        .with(command -> command.withEnv("JDK_JAVA_OPTIONS=-Xlog:aot,class+load"))
                        .start();
        ServerContainer.Ended ended = http.stop();
        assertThat(ended.out()).contains("Opened AOT cache /opt/byssus/examples.aot");
        List<String> ours =
                ended.out().lines().filter(line -> line.contains("] io.byssus.")).toList();
        assertThat(ours).hasSizeGreaterThan(MANY);
        // What the training does not meet is in the jars.
        assertThat(ours).filteredOn(line -> line.contains("source: file:")).hasSizeLessThan(FEW);
    }

    @Test
    void serverThatListensBecomesHealthy() throws Exception {
        ServerContainer echo =
                network.server("healthy", "echo", "--port", "4321")
                        .with(command -> command.withHealthcheck(everySecond(RETRIES)))
                        .start();
        assertThat(health(echo)).isEqualTo("healthy");
    }

    @Test
    void programThatDoesNotListenBecomesUnhealthy() throws Exception {
        ServerContainer fanout =
                network.server("unhealthy", "fanout", "--count", "2147483647")
                        .with(command -> command.withHealthcheck(everySecond(1)))
                        .launch();
        assertThat(health(fanout)).isEqualTo("unhealthy");
    }

    /** The image's own check, more often. */
    private static HealthCheck everySecond(int retries) {
        return new HealthCheck()
                .withInterval(Duration.ofSeconds(1).toNanos())
                .withRetries(retries)
                .withStartPeriod(Duration.ofMillis(1).toNanos());
    }

    /** What is found after the start. */
    private static String health(ServerContainer server) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        String status = "starting";
        while (status.equals("starting") && System.nanoTime() < deadline) {
            status = server.state().getHealth().getStatus();
            Thread.onSpinWait();
        }
        return status;
    }
}
