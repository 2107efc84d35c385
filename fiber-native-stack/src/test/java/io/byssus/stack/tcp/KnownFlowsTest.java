package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.SipHash;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link KnownFlows}: the host hears of each flow once that it begins, and once that it ends. */
class KnownFlowsTest {
    private static final int CONNECTIONS_MAX = 2;
    private static final int RECORDS_MAX = 1;
    private static final long DURATION = TimeWaitTable.DURATION_NANOS;

    private final TracedStack traced = new TracedStack(TcpLimits.DEFAULTS);
    private final List<Integer> begun = new ArrayList<>();
    private final List<Integer> ended = new ArrayList<>();
    private boolean elsewhere;

    private final TimeWaitTable timeWait =
            new TimeWaitTable(new SipHash(1, 2), RECORDS_MAX, DURATION);
    private final KnownFlows known =
            new KnownFlows(
                    new Host(), new FlowTable<>(new SipHash(3, 4), CONNECTIONS_MAX), timeWait);

    private final class Host implements TcpHost {
        @Override
        public int mtu() {
            return traced.mtu();
        }

        @Override
        public long pathMtuRaisesAt(IpAddress destination) {
            return Long.MAX_VALUE;
        }

        @Override
        public int pathMtu(IpAddress remote) {
            return traced.pathMtu(remote);
        }

        @Override
        public boolean suspectPathMtu(IpAddress remote) {
            return false;
        }

        @Override
        public boolean hashesHome(IpAddress local, IpAddress remote, int ports) {
            return true;
        }

        @Override
        public boolean begins(Flow flow) {
            begun.add(flow.remotePort());
            return !elsewhere;
        }

        @Override
        public void ended(Flow flow) {
            assertThat(flow.localLow()).isEqualTo(TracedStack.LOCAL.low());
            assertThat(flow.remoteLow()).isEqualTo(TracedStack.REMOTE.low());
            ended.add(flow.remotePort());
        }

        @Override
        public HostSecrets secrets() {
            return traced.secrets();
        }
    }

    private TcpConnection connection(int remotePort) {
        return new TcpConnection(
                traced.stack,
                TcpConnection.Opening.PASSIVE,
                TracedStack.LOCAL,
                TracedStack.REMOTE,
                Flow.ports(TracedStack.LOCAL_PORT, remotePort),
                TcpSettings.DEFAULTS);
    }

    private boolean knows(TcpConnection connection) {
        return known.knows(
                connection.localHigh(),
                connection.localLow(),
                connection.remoteHigh(),
                connection.remoteLow(),
                connection.ports());
    }

    @Test
    void aConnectionIsKnownUntilItLeaves() {
        TcpConnection connection = connection(1);
        assertThat(known.enter(connection)).isEqualTo(KnownFlows.Entry.ENTERED);
        assertThat(knows(connection)).isTrue();
        assertThat(known.leave(connection)).isTrue();
        assertThat(knows(connection)).isFalse();
        assertThat(known.leave(connection)).as("again").isFalse();
        assertThat(begun).containsExactly(1);
        assertThat(ended).containsExactly(1);
    }

    @Test
    void inTimeWaitItIsStillKnown() {
        TcpConnection connection = connection(1);
        known.enter(connection);
        timeWait.add(0, connection, 0, 0);
        known.leave(connection);
        assertThat(ended).isEmpty();
        timeWait.onDeadline(DURATION - 1);
        assertThat(ended).isEmpty();
        timeWait.onDeadline(DURATION);
        assertThat(ended).containsExactly(1);
        assertThat(knows(connection)).isFalse();
    }

    @Test
    void whatIsEvictedFromTimeWaitIsKnownNoMore() {
        timeWait.add(0, connection(1), 0, 0);
        timeWait.add(0, connection(2), 0, 0);
        assertThat(ended).containsExactly(1);
    }

    @Test
    void aRecordThatIsBeingReopenedMayExpire() {
        TcpConnection connection = connection(1);
        timeWait.add(0, connection, 0, 0);
        known.enter(connection);
        timeWait.onDeadline(DURATION);
        assertThat(ended).as("the connection is there").isEmpty();
        known.leave(connection);
        assertThat(ended).containsExactly(1);
    }

    @Test
    void aConnectionThatHasReopenedARecordOutlivesIt() {
        TcpConnection connection = connection(1);
        timeWait.add(0, connection, 0, 0);
        known.enter(connection);
        known.established(connection);
        assertThat(timeWait.size()).isZero();
        assertThat(ended).isEmpty();
        assertThat(knows(connection)).isTrue();
    }

    @Test
    void aReopeningThatFailsLeavesTimeWaitAsItWas() {
        TcpConnection connection = connection(1);
        timeWait.add(0, connection, 0, 0);
        known.enter(connection);
        known.leave(connection);
        assertThat(ended).isEmpty();
        assertThat(knows(connection)).isTrue();
    }

    @Test
    void whatFindsNoRoomIsNotKnown() {
        known.enter(connection(1));
        known.enter(connection(2));
        TcpConnection surplus = connection(3);
        assertThat(known.enter(surplus)).isEqualTo(KnownFlows.Entry.NO_ROOM);
        assertThat(knows(surplus)).isFalse();
        assertThat(begun).containsExactly(1, 2, 3);
        assertThat(ended).containsExactly(3);
    }

    @Test
    void whatIsElsewhereIsNotEntered() {
        elsewhere = true;
        TcpConnection connection = connection(1);
        assertThat(known.enter(connection)).isEqualTo(KnownFlows.Entry.ELSEWHERE);
        assertThat(knows(connection)).isFalse();
        assertThat(ended).isEmpty();
    }
}
