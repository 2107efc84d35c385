package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.reactor.Reactor;
import io.byssus.runtime.reactor.SchedulingGroup;
import io.byssus.testing.Eventually;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever I/O a fiber has waited for, it goes on in its scheduling group. */
abstract class GroupContract extends NetworkContract {
    private final SchedulingGroup server = new SchedulingGroup("server", 100);
    private final SchedulingGroup client = new SchedulingGroup("client", 300);
    private final List<SchedulingGroup> atServer = new ArrayList<>();
    private final List<SchedulingGroup> atClient = new ArrayList<>();

    GroupContract(StackUnderTest stack) {
        super(stack);
    }

    private static void look(List<SchedulingGroup> seen) {
        seen.add(Reactor.current().runningGroup());
    }

    @Test
    void ioThatCompletesContinuesAFiberInItsGroup() throws Exception {
        byte[] large = Talk.pattern(1 << 18);
        onShard(() -> {
            try (Listener listener = Network.listen(anyPort(), Pair.tightListen())) {
                Fiber<Void> serving =
                        Fiber.start(server, "server", () -> answer(listener, large.length));
                Eventually.parked(serving.thread()); // in accept
                Fiber<Void> asking = Fiber.start(client, "client", () -> ask(listener, large));
                serving.join();
                asking.join();
                assertThat(Reactor.current().runningGroup()).isSameAs(SchedulingGroup.main());
            }
        });
        assertThat(atServer).hasSize(4).containsOnly(server);
        assertThat(atClient).hasSize(3).containsOnly(client);
    }

    private void answer(Listener listener, int length) throws Exception {
        try (Connection connection = listener.accept().connection()) {
            look(atServer);
            assertThat(Talk.text(connection.input().read())).isEqualTo("question");
            look(atServer);
            Talk.say(connection, "answer");
            look(atServer);
            connection.input().readExactly(length).close(); // more than fits: the client waits, too
            look(atServer);
        }
    }

    private void ask(Listener listener, byte[] large) throws Exception {
        try (Connection connection = connect(listener, Pair.tightConnect())) {
            look(atClient);
            Talk.say(connection, "question");
            assertThat(Talk.text(connection.input().read())).isEqualTo("answer");
            look(atClient);
            connection.output().write(Talk.buffer(large));
            connection.output().flush();
            look(atClient);
        }
    }
}
