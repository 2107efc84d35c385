package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The chapter's first server, which says who has come. */
class AcceptTest {
    /** The kernel would have to choose one of two shards 64 times to miss the other. */
    private static final int CONNECTIONS = 64;

    @Test
    void eachConnectionIsAnnouncedOnceWithTheClientsAddressOnEveryShard() throws Exception {
        try (RunningExample accept =
                RunningExample.start("accept", "--smp", "2", "--overprovisioned")) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                try (Socket socket = accept.connect()) {
                    assertThat(socket.getInputStream().read()).isEqualTo(-1);
                    expected.add("Accepted connection from 127.0.0.1:" + socket.getLocalPort());
                }
            }
            accept.child().awaitLine(Pattern.compile("(?m)^" + expected.getLast() + "$"));
            accept.stopCleanly();

            assertThat(accept.child().out().lines())
                    .filteredOn(line -> !line.startsWith("listening on"))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void ncIsAcceptedAndSeesTheEnd() throws Exception {
        try (RunningExample accept = RunningExample.start("accept")) {
            Child.Ended nc = Child.run("", "nc", "127.0.0.1", Integer.toString(accept.port()));
            assertThat(nc).isEqualTo(new Child.Ended(0, "", ""));
            accept.child()
                    .awaitLine(
                            Pattern.compile("(?m)^Accepted connection from 127\\.0\\.0\\.1:\\d+$"));
        }
    }
}
