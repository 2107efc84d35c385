package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code docker stop} of the http server while clients ask it.
 *
 * <p>What it promises: an answer is never cut off; a request that was sent before the stop is
 * answered; and on a connection that is kept every request is answered, until an answer says that
 * it is the last one and the stream ends behind it. Only a connection that was made after the stop
 * may be refused or reset, before the first byte of an answer.
 */
@Tag("containers")
class StopContainerTest {
    private static final int CLIENTS = 16;
    private static final int WARM = 30;

    /** Sets body; body and status stay empty if there was no answer. Sets closes. */
    private static final String FUNCTIONS =
            """
            trap '' PIPE
            read_answer() {
              local line
              status= body= closes=false
              IFS= read -r -t 20 status <&3 || return
              while IFS= read -r -t 20 line <&3 && [[ $line != $'\\r' ]]; do
                if [[ $line == 'Connection: close'* ]]; then closes=true; fi
              done
              IFS= read -r -N 13 -t 20 body <&3
            }
            is_whole() { [[ $status == $'HTTP/1.1 200 OK\\r' && $body == 'Hello, World!' ]]; }
            at_end() { IFS= read -r -N 1 -t 20 more <&3; [[ $? == 1 && -z $more ]]; }
            stopping() { [[ -e /tmp/stopping ]]; }
            count() { if ((++answers == %d)); then touch "/tmp/warm.$1"; fi; }
            """
                    .formatted(WARM);

    private static final String KEPT =
            """
            ask() {
              exec 3<> "/dev/tcp/$server/1234" || return
              while true; do
                printf 'GET /plaintext HTTP/1.1\\r\\nHost: http\\r\\n\\r\\n' >&3 || return
                read_answer
                is_whole || return
                count "$1"
                if $closes; then
                  stopping && at_end
                  return
                fi
              done
            }
            """;

    private static final String NEW =
            """
            ask() {
              while true; do
                due=false
                if { exec 3<> "/dev/tcp/$server/1234"; } 2> /dev/null; then
                  printf 'GET /plaintext HTTP/1.1\\r\\nHost: http\\r\\nConnection: close\\r\\n\\r\\n' >&3
                  stopping || due=true
                  read_answer 2> /dev/null
                fi
                if is_whole && at_end; then
                  count "$1"
                  status= body=
                elif $due || ! stopping || [[ -n $status$body ]]; then
                  return 1
                else
                  return 0
                fi
              done
            }
            """;

    /** $server: its address. Each client leaves what it has counted. */
    private static final String ALL =
            """
            server=$(getent ahostsv4 http | awk '{ print $1; exit }')
            for ((i = 0; i < %d; i++)); do
              (
                if ask "$i"; then echo "$answers" > "/tmp/whole.$i"; fi
                echo "due=$due status=$status body=$body closes=$closes more=$more" > "/tmp/end.$i"
              ) &
            done
            wait
            """
                    .formatted(CLIENTS);

    @ParameterizedTest
    @ValueSource(strings = {KEPT, NEW})
    void everyRequestThatWasTakenIsAnsweredInFull(String ask) throws Exception {
        try (ContainerNetwork network = ContainerNetwork.create()) {
            ServerContainer http =
                    network.server("http", "http", "--stall-threshold", "10s").start();
            ClientContainer client = network.client("client");
            client.start(FUNCTIONS + ask + ALL);
            client.await(all("warm"));

            client.output("touch /tmp/stopping");
            ServerContainer.Ended ended = http.stop();

            client.await(all("end"));
            assertThat(client.output("cat /tmp/whole.* 2> /dev/null || true").lines())
                    .as(client.output("cat /tmp/end.*"))
                    .hasSize(CLIENTS)
                    .allSatisfy(answers -> assertThat(Integer.parseInt(answers)).isPositive());
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).doesNotContain("Exception", "WARNING", "SEVERE");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "http"})
    void clientsThatStayWithoutAskingDoNotKeepItForLongerThanDockerWaits(String name)
            throws Exception {
        try (ContainerNetwork network = ContainerNetwork.create()) {
            ServerContainer server = network.server("server", name).start();
            ClientContainer client = network.client("client");
            client.start(
                    "for ((i = 0; i < %d; i++)); do nc -d server 1234 & done; wait"
                            .formatted(CLIENTS));
            network.sidecar(server)
                    .await(
                            "(($(ss -Htn state established '( sport = :1234 )' | wc -l) == %d))"
                                    .formatted(CLIENTS));
            assertThat(server.stop().status()).isZero();
        }
    }

    private static String all(String name) {
        return "(($(compgen -G '/tmp/" + name + ".*' | wc -l) == " + CLIENTS + "))";
    }
}
