package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.runtime.memory.BufferPool;
import io.byssus.stack.device.InMemoryLink;
import io.byssus.stack.device.LinkDevice;
import io.byssus.stack.ip.IpAddress;
import io.byssus.stack.ip.Ipv4Configuration;
import io.byssus.stack.ip.Ipv4Subnet;
import io.byssus.stack.tcp.TcpConnection;
import io.byssus.stack.tcp.TcpFailure;
import io.byssus.stack.tcp.TcpLimits;
import io.byssus.stack.tcp.TcpSettings;
import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.Seeds;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a connection to an address of the link that nobody has. */
class SilentNeighbourTest {
    private static final long OUR_MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final IpAddress US = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.1"));
    private static final IpAddress NOBODY = IpAddress.ofIpv4(Ipv4Address.parse("10.0.0.77"));
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final BufferPool pool = new BufferPool(new Here(), BufferPool.Mode.TRACKING);
    private final InMemoryLink link =
            new InMemoryLink(OUR_MAC, MacAddress.parse("02:00:00:00:00:02"), 1500, 64);
    private final Host host =
            new Host(
                    0,
                    new Ipv4Configuration(
                            List.of(Ipv4Subnet.parse("10.0.0.1", "255.255.255.0")),
                            Ipv4Configuration.NO_GATEWAY,
                            1500,
                            OUR_MAC),
                    TcpLimits.DEFAULTS,
                    link.left(),
                    pool,
                    new SplittableRandom(Seeds.next("silent neighbour")),
                    Steering.single(new SplittableRandom(2)));
    private long now;

    @AfterEach
    void noFrameLeaks() throws Exception {
        host.close();
        link.right().close();
        assertThat(pool.liveSites()).isEmpty();
    }

    @Test
    void connectFailsWhenNobodyHasAnsweredForSeconds() {
        TcpConnection connection = connect();
        runUntilItFails(connection);
        assertThat(connection.failure()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
        assertThat(TimeUnit.NANOSECONDS.toMillis(now)).isEqualTo(3_000);
    }

    @Test
    void nextConnectFailsAtOnce() {
        runUntilItFails(connect());
        long failedAt = now;
        TcpConnection again = connect();
        runUntilItFails(again);
        assertThat(again.failure()).isEqualTo(TcpFailure.HOST_UNREACHABLE);
        assertThat(now - failedAt).isLessThan(TimeUnit.MILLISECONDS.toNanos(1));
    }

    private TcpConnection connect() {
        TcpConnection connection =
                host.tcp().connect(now, US, 0, NOBODY, 80, TcpSettings.DEFAULTS, events -> {});
        assertThat(connection).isNotNull();
        return connection;
    }

    /** Time passes from one deadline to the next. */
    private void runUntilItFails(TcpConnection connection) {
        host.turn(now);
        while (connection.failure() == TcpFailure.NONE) {
            drop(link.right());
            now = Math.max(now + 1, host.deadline());
            assertThat(now).as("nanoseconds").isLessThan(LIMIT_NANOS);
            host.turn(now);
        }
    }

    private static void drop(LinkDevice device) {
        for (Buffer frame = device.receive(); frame != null; frame = device.receive()) {
            frame.close();
        }
    }
}
