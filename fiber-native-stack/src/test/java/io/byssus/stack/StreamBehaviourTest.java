package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.device.Faults;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What applications do with connections, over a network with faults. */
class StreamBehaviourTest {
    private static final long BYTES = 256 << 10;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Faults LOSSY = Faults.NONE.withDelay(Duration.ofMillis(5)).withLoss(0.02);

    private final SplittableRandom random = new SplittableRandom(Seeds.next("StreamBehaviourTest"));

    private SimulatedNetwork network(Faults faults) {
        return new SimulatedNetwork(
                SimulatedNetwork.Setup.of(random.nextLong(), faults).tracking());
    }

    private static TcpSettings settings() {
        return LossyTransferTest.patient(64 << 10, 64 << 10);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.02, 0.2})
    void aSlowReaderStopsTheWriterAndLosesNothing(double loss) throws Exception {
        SimulatedNetwork network =
                network(Faults.NONE.withDelay(Duration.ofMillis(1)).withLoss(loss));
        Transfer transfer =
                new Transfer(
                        network,
                        settings(),
                        StreamEnd.Plan.sending(BYTES),
                        StreamEnd.Plan.receiving().pausing(Duration.ofSeconds(2)));
        transfer.complete();
        assertThat(network.left().tcp().counters().windowProbes).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100})
    void tinyWritesArriveAsOneStream(int bytes) throws Exception {
        new Transfer(
                        network(LOSSY),
                        settings(),
                        StreamEnd.Plan.sending(20_000).inWritesOf(bytes),
                        StreamEnd.Plan.sending(20_000).inWritesOf(bytes))
                .complete();
    }

    @Test
    void afterItsOutputHasEndedAnEndStillReceives() throws Exception {
        SimulatedNetwork network = network(LOSSY);
        Transfer transfer =
                new Transfer(
                        network,
                        settings(),
                        StreamEnd.Plan.sending(1000),
                        StreamEnd.Plan.sending(BYTES).pausing(Duration.ofMillis(10)));
        transfer.complete();
        assertThat(transfer.far().endNanos()).isLessThan(transfer.near().endNanos());
    }

    @Test
    void bothMayCloseAtTheSameTime() throws Exception {
        for (int i = 0; i < 20; i++) {
            SimulatedNetwork network = network(i == 0 ? LOSSY.withLoss(0) : LOSSY.withLoss(0.1));
            Transfer transfer =
                    new Transfer(
                            network,
                            settings(),
                            StreamEnd.Plan.receiving().staying(),
                            StreamEnd.Plan.receiving().staying());
            network.runUntil(() -> transfer.far().connection() != null, MINUTE);
            network.run(MINUTE);
            transfer.near().endOutput();
            transfer.far().endOutput();
            transfer.complete();
            if (i == 0) {
                assertThat(network.left().tcp().counters().timeWaited).isEqualTo(1);
                assertThat(network.right().tcp().counters().timeWaited).isEqualTo(1);
            }
        }
    }

    @Test
    void anAbortInTheMiddleEndsBoth() throws Exception {
        for (int i = 0; i < 20; i++) {
            SimulatedNetwork network = network(LOSSY);
            Transfer transfer =
                    new Transfer(
                            network,
                            settings(),
                            StreamEnd.Plan.sending(BYTES),
                            StreamEnd.Plan.sending(BYTES));
            long until = random.nextLong(BYTES / 2);
            network.runUntil(() -> transfer.far().received() > until, MINUTE);
            StreamEnd aborter = i % 2 == 0 ? transfer.near() : transfer.far();
            StreamEnd other = i % 2 == 0 ? transfer.far() : transfer.near();
            aborter.abort();
            assertThat(network.runUntil(other::isClosed, MINUTE)).isTrue();
            assertThat(other.failure()).isEqualTo(TcpFailure.RESET);
            Transfer.assertNothingIsLeft(network);
        }
    }

    @Test
    void closingWithUnreadTextTellsThePeerByAReset() throws Exception {
        SimulatedNetwork network = network(LOSSY.withLoss(0));
        Transfer transfer =
                new Transfer(
                        network,
                        settings(),
                        StreamEnd.Plan.sending(BYTES),
                        StreamEnd.Plan.receiving().pausing(MINUTE));
        network.run(Duration.ofSeconds(1));
        transfer.far().close();
        assertThat(network.runUntil(transfer.near()::isClosed, MINUTE)).isTrue();
        assertThat(transfer.near().failure()).isEqualTo(TcpFailure.RESET);
        Transfer.assertNothingIsLeft(network);
    }

    @Test
    void aPeerThatVanishesIsGivenUpAfterTheUserTimeout() throws Exception {
        for (boolean sending : new boolean[] {true, false}) {
            Vanishing[] cable = new Vanishing[1];
            SimulatedNetwork network =
                    new SimulatedNetwork(
                            SimulatedNetwork.Setup.of(random.nextLong(), LOSSY)
                                    .tracking()
                                    .around((pool, device) -> cable[0] = new Vanishing(device)));
            StreamEnd.Plan plan = StreamEnd.Plan.sending(BYTES);
            Transfer transfer =
                    new Transfer(
                            network,
                            TcpSettings.DEFAULTS,
                            sending ? plan : plan.staying(),
                            sending ? plan : StreamEnd.Plan.receiving().staying());
            network.runUntil(
                    () -> transfer.far().received() >= (sending ? BYTES / 4 : BYTES), MINUTE);
            cable[0].cut();
            long cutNanos = network.now();
            if (!sending) {
                transfer.near().endOutput(); // its FIN is never acknowledged
                transfer.far().endOutput();
            }
            assertThat(
                            network.runUntil(
                                    () -> transfer.near().isClosed() && transfer.far().isClosed(),
                                    Duration.ofHours(1)))
                    .isTrue();
            // On one link it does not answer ARP either, which says more than silence.
            assertThat(transfer.near().failure()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
            assertThat(transfer.far().failure()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
            long timeout = TcpSettings.DEFAULTS.userTimeoutNanos();
            assertThat(network.now() - cutNanos).isBetween(timeout, 2 * timeout);
            Transfer.assertNothingIsLeft(network);
        }
    }

    @Test
    void manyConnectionsShareABadLink() throws Exception {
        SimulatedNetwork network =
                new SimulatedNetwork(
                        SimulatedNetwork.Setup.of(
                                random.nextLong(),
                                LOSSY.withReordering(0.01, Duration.ofMillis(2))
                                        .withRate(100_000_000, 250_000)));
        int count = 200;
        List<StreamEnd> ends = new ArrayList<>();
        network.listen(
                count,
                settings(),
                connection ->
                        ends.add(
                                new StreamEnd(network, StreamEnd.Plan.sending(50_000))
                                        .begin(connection)));
        for (int i = 0; i < count; i++) {
            StreamEnd near = new StreamEnd(network, StreamEnd.Plan.sending(50_000));
            ends.add(near.begin(network.connect(settings(), near)));
        }
        assertThat(
                        network.runUntil(
                                () ->
                                        ends.size() == 2 * count
                                                && ends.stream().allMatch(StreamEnd::isClosed),
                                Duration.ofMinutes(10)))
                .isTrue();
        assertThat(ends).allMatch(end -> end.received() == 50_000);
        Transfer.assertNothingIsLeft(network);
    }
}
