package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpSettings;
import java.io.IOException;
import java.time.Duration;

/** One connection from the left host to the right one, and all that must hold when it is over. */
final class Transfer {
    private static final Duration LIMIT = Duration.ofDays(10);
    private static final double NANOS_PER_SECOND = 1e9;

    private final SimulatedNetwork network;
    private final StreamEnd.Plan leftPlan;
    private final StreamEnd.Plan rightPlan;
    private final StreamEnd near;
    private final StreamEnd far;

    Transfer(
            SimulatedNetwork network,
            TcpSettings settings,
            StreamEnd.Plan leftPlan,
            StreamEnd.Plan rightPlan) {
        this.network = network;
        this.leftPlan = leftPlan;
        this.rightPlan = rightPlan;
        near = new StreamEnd(network, leftPlan);
        far = new StreamEnd(network, rightPlan);
        network.listen(1, settings, far::begin);
        near.open(() -> network.connect(settings, near));
    }

    StreamEnd near() {
        return near;
    }

    StreamEnd far() {
        return far;
    }

    /** Lets it come to its end; every byte must have arrived, and nothing be left. */
    Transfer complete() throws IOException {
        assertThat(network.runUntil(() -> near.isClosed() && far.isClosed(), LIMIT))
                .as("near %s, far %s", near.connection(), far.connection())
                .isTrue();
        assertThat(near.failure()).isEqualTo(TcpFailure.NONE);
        assertThat(far.failure()).isEqualTo(TcpFailure.NONE);
        assertThat(far.received()).isEqualTo(leftPlan.sends());
        assertThat(near.received()).isEqualTo(rightPlan.sends());
        assertNothingIsLeft(network);
        return this;
    }

    /** Payload bits per second of what the left end has sent, from the SYN to the last byte. */
    double goodput() {
        return far.received() * (double) Byte.SIZE / (far.endNanos() / NANOS_PER_SECOND);
    }

    /**
     * When TIME-WAIT is over, there is no connection, no timer and no buffer; closes both hosts.
     */
    static void assertNothingIsLeft(SimulatedNetwork network) throws IOException {
        assertThat(network.runUntilQuiet(LIMIT)).isTrue();
        assertThat(network.left().tcp().connections()).isEmpty();
        assertThat(network.right().tcp().connections()).isEmpty();
        assertThat(network.left().tcp().timeWaitCount()).isZero();
        assertThat(network.right().tcp().timeWaitCount()).isZero();
        assertThat(network.left().tcp().counters().memoryBytes).isZero();
        assertThat(network.right().tcp().counters().memoryBytes).isZero();
        assertThat(network.pool().liveSites()).isEmpty();
        assertThat(network.pool().liveBlocks()).isZero();
        network.close();
    }
}
