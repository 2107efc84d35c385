package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpListener;
import io.byssus.stack.tcp.TcpState;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.TcpHeader;
import io.byssus.testing.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * CVE-2016-5696: an attacker guesses at somebody else's connection, and would learn whether he was
 * right if that changed how many answers his own segments get. Here he sends the same in two worlds
 * with the same randomness; in one of them his guesses are right.
 */
class ChallengeAckLeakTest {
    private static final int VICTIM = Ipv4Address.parse("10.0.0.2");
    private static final int ATTACKER = Ipv4Address.parse("10.0.0.66");
    private static final int CLOSED_PORT = 81;
    private static final int SECONDS = 60;

    private final long seed = Seeds.next("ChallengeAckLeakTest");

    /** What the attacker sends of his own in one second. */
    private interface Probe {
        void send(AttackedHost host);
    }

    /** How many answers the attacker gets each second. */
    private static int[] answers(long seed, boolean right, int seconds, Attack attack)
            throws IOException {
        try (AttackedHost host = new AttackedHost(seed)) {
            TcpListener listener = host.listen(5000);
            RawPeer victim = new RawPeer(host, VICTIM, 5000, 1_000_000);
            TcpConnection connection = victim.connect(listener);
            RawPeer bystander = new RawPeer(host, VICTIM, 5001, 1_000_000);
            bystander.connect(listener);
            Probe probe = attack.prepare(host, listener);
            int[] counts = new int[seconds];
            for (int second = 0; second < seconds; second++) {
                // Two challenges each second is the most that the victim's connection gives.
                for (int i = 0; i < 2; i++) {
                    // So that randomness is drawn in both worlds alike.
                    host.deliver(bystander.segment(TcpHeader.SYN));
                    int guess = victim.next + (right ? 100 : -100_000);
                    host.deliver(victim.segment(TcpHeader.RST).sequence(guess));
                    probe.send(host);
                    counts[second] +=
                            (int)
                                    host.sent.stream()
                                            .filter(s -> s.destination() == ATTACKER)
                                            .count();
                    host.sent.clear();
                    host.pass(TimeUnit.MILLISECONDS.toNanos(500));
                    host.sent.clear();
                }
            }
            assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
            return counts;
        }
    }

    private interface Attack {
        Probe prepare(AttackedHost host, TcpListener listener);
    }

    @Test
    void aConnectionOfHisOwnTellsTheAttackerNothing() throws IOException {
        Attack attack =
                (host, listener) -> {
                    RawPeer own = new RawPeer(host, ATTACKER, 6000, 5);
                    own.connect(listener);
                    return h -> {
                        for (int i = 0; i < 1000; i++) {
                            h.deliver(own.segment(TcpHeader.SYN));
                        }
                    };
                };
        int[] counts = answers(seed, true, 10, attack);
        assertThat(counts).isEqualTo(answers(seed, false, 10, attack));
        assertThat(counts).containsOnly(2);
    }

    @Test
    void resetsFromClosedPortsTellNothing() throws IOException {
        Attack attack =
                (host, listener) ->
                        h -> {
                            for (int i = 0; i < 1000; i++) {
                                h.deliver(
                                        CraftedSegment.between(
                                                        ATTACKER,
                                                        7000 + i,
                                                        AttackedHost.ADDRESS,
                                                        CLOSED_PORT)
                                                .flags(TcpHeader.SYN));
                            }
                        };
        int[] counts = answers(seed, true, 10, attack);
        assertThat(counts).isEqualTo(answers(seed, false, 10, attack));
        assertThat(counts[1]).as("limited").isLessThan(2000);
    }

    @Test
    void aRecordInTimeWaitTellsNothing() throws IOException {
        Attack attack =
                (host, listener) -> {
                    RawPeer own = new RawPeer(host, ATTACKER, 6000, 5);
                    own.connect(listener).close();
                    host.settle();
                    own.expected++;
                    host.deliver(own.segment(TcpHeader.FIN | TcpHeader.ACK));
                    assertThat(host.tcp().timeWaitCount()).isEqualTo(1);
                    return h -> {
                        for (int i = 0; i < 1000; i++) {
                            h.deliver(own.segment(TcpHeader.FIN | TcpHeader.ACK));
                        }
                    };
                };
        int[] counts = answers(seed, true, 10, attack);
        assertThat(counts).isEqualTo(answers(seed, false, 10, attack));
        assertThat(counts[1]).as("answers").isBetween(1, 2000);
    }

    /** From so many connections the common budget is felt: but it is never the same twice. */
    @Test
    void aThousandConnectionsOfHisOwnTellLittle() throws IOException {
        Attack attack =
                (host, listener) -> {
                    List<RawPeer> owns = new ArrayList<>();
                    for (int i = 0; i < 1000; i++) {
                        RawPeer own = new RawPeer(host, ATTACKER, 6000 + i, 5);
                        own.connect(listener);
                        owns.add(own);
                    }
                    return h -> {
                        for (RawPeer own : owns) {
                            h.deliver(own.segment(TcpHeader.SYN));
                        }
                    };
                };
        int[] right = answers(seed, true, SECONDS, attack);
        int[] wrong = answers(~seed, false, SECONDS, attack);
        double error = Math.sqrt((variance(right) + variance(wrong)) / SECONDS);
        // What he looks for is a difference of 2: it is far below what chance makes of a minute.
        assertThat(Math.abs(mean(right) - mean(wrong))).isLessThan(5 * error);
        assertThat(error).isGreaterThan(20);
    }

    private static double mean(int[] counts) {
        double sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum / counts.length;
    }

    private static double variance(int[] counts) {
        double mean = mean(counts);
        double sum = 0;
        for (int count : counts) {
            sum += (count - mean) * (count - mean);
        }
        return sum / (counts.length - 1);
    }
}
