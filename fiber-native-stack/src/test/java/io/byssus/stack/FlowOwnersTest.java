package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.stack.tcp.Flow;
import org.junit.jupiter.api.Test;

/** {@link FlowOwners}: bounded, and forgetting. */
class FlowOwnersTest {
    private static final int ENTRIES_MAX = 4;
    private static final long SECOND = 1_000_000_000L;

    private final FlowOwners owners = new FlowOwners(new SipHash(1, 2), ENTRIES_MAX);

    private record Between(int localPort, int remotePort) implements Flow {
        @Override
        public long localHigh() {
            return 0;
        }

        @Override
        public long localLow() {
            return 1;
        }

        @Override
        public long remoteHigh() {
            return 0;
        }

        @Override
        public long remoteLow() {
            return 2;
        }

        @Override
        public int ports() {
            return Flow.ports(localPort, remotePort);
        }
    }

    private boolean put(long now, int remotePort, int shard) {
        return owners.put(now, 0, 1, 0, 2, Flow.ports(80, remotePort), shard);
    }

    private int find(long now, int remotePort) {
        return owners.find(now, 0, 1, 0, 2, Flow.ports(80, remotePort));
    }

    @Test
    void findsWhatWasEnteredAndNothingElse() {
        assertThat(owners.isEmpty()).isTrue();
        assertThat(put(0, 1000, 3)).isTrue();
        assertThat(find(0, 1000)).isEqualTo(3);
        assertThat(find(0, 1001)).isEqualTo(FlowOwners.NONE);
        assertThat(owners.find(0, 0, 2, 0, 1, Flow.ports(1000, 80)))
                .as("the other direction is another flow")
                .isEqualTo(FlowOwners.NONE);
    }

    @Test
    void aFlowThatHasEndedIsForgotten() {
        put(0, 1000, 3);
        owners.ended(SECOND, new Between(80, 1000), SECOND);
        assertThat(find(SECOND, 1000)).isEqualTo(FlowOwners.NONE);
        assertThat(owners.isEmpty()).isTrue();
        owners.ended(SECOND, new Between(80, 1000), SECOND);
        assertThat(owners.isEmpty()).as("ended twice").isTrue();
    }

    @Test
    void aFlowInTimeWaitIsKeptUntilThen() {
        put(0, 1000, 3);
        owners.ended(SECOND, new Between(80, 1000), 60 * SECOND);
        assertThat(find(59 * SECOND, 1000)).isEqualTo(3);
        assertThat(find(60 * SECOND, 1000)).isEqualTo(FlowOwners.NONE);
    }

    @Test
    void aFullTableRefusesUntilOldEntriesHaveExpired() {
        for (int port = 0; port < ENTRIES_MAX; port++) {
            assertThat(put(0, port, 1)).isTrue();
        }
        assertThat(put(0, 99, 1)).isFalse();
        assertThat(find(0, 99)).isEqualTo(FlowOwners.NONE);
        owners.ended(0, new Between(80, 2), 10 * SECOND);
        assertThat(put(5 * SECOND, 99, 1)).isFalse();
        assertThat(put(10 * SECOND, 99, 1)).isTrue();
        assertThat(find(10 * SECOND, 99)).isEqualTo(1);
    }

    @Test
    void enteringAgainChangesTheOwnerAndTakesNoRoom() {
        for (int i = 0; i < 3 * ENTRIES_MAX; i++) {
            assertThat(put(0, 1000, i)).isTrue();
            assertThat(find(0, 1000)).isEqualTo(i);
        }
    }
}
