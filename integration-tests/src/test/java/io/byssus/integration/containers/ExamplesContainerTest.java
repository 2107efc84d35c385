package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The other examples, each with the clients that its users would take. */
@Tag("containers")
class ExamplesContainerTest {
    private static ContainerNetwork network;
    private static ClientContainer client;

    @BeforeAll
    static void start() {
        network = ContainerNetwork.create();
        network.server("http", "http", "--port", "8080").start();
        client = network.client("client");
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void acceptSaysWhereNcComesFromAndCloses() throws Exception {
        ServerContainer accept = network.server("accept", "accept").start();
        assertThat(client.output("nc accept 1234 < /dev/null")).isEmpty();
        ServerContainer.Ended ended = accept.stop();
        assertThat(ended.out().lines())
                .hasSize(2)
                .last()
                .asString()
                .matches("Accepted connection from " + client.address() + ":\\d+");
    }

    @Test
    void helloAnswersNcThatSendsNothingAndNcThatSendsSomething() throws Exception {
        network.server("hello", "hello").start();
        for (String input : new String[] {"</dev/null", "<<< 'is anybody there?'"}) {
            assertThat(client.output("nc hello 1234 " + input))
                    .isEqualTo("Byssus is the future!\n");
        }
    }

    @Test
    void curlGetsItsAnswersOnOneConnection() throws Exception {
        assertThat(
                        client.output(
                                """
                                curl -s -w ' %{http_code} %{content_type} %{num_connects}\\n' \
                                  http://http:8080/plaintext http://http:8080/json
                                """))
                .isEqualTo(
                        """
                        Hello, World! 200 text/plain 1
                        {"message":"Hello, World!"} 200 application/json 0
                        """);
    }

    @Test
    void curlIsToldWhatIsNotThere() throws Exception {
        assertThat(client.output("curl -s -w '%{http_code}' http://http:8080/nothing"))
                .isEqualTo("Not found\n404");
    }

    @Test
    void wrkGetsNothingButAnswers() throws Exception {
        String report =
                client.output("wrk -t1 -c100 -d2s --timeout 10s http://http:8080/plaintext");
        assertThat(report)
                .containsPattern("[1-9]\\d* requests in ")
                .doesNotContain("Socket errors", "Non-2xx");
    }

    @Test
    void fanoutPrintsItsSumAndEnds() {
        ServerContainer fanout =
                network.server(
                        "fanout", "fanout", "--count", "1000", "--smp", "2", "--overprovisioned");
        assertThat(fanout.run())
                .isEqualTo(
                        new ServerContainer.Ended(
                                0,
                                """
                                shard 0 counted to 1000
                                shard 1 counted to 1000
                                sum 2000
                                """,
                                ""));
    }
}
