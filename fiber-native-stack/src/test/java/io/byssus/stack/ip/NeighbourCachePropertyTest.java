package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.ArpPacket;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds of a neighbour cache whatever happens. */
class NeighbourCachePropertyTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long OWN_MAC = 0x02_00_00_00_00_01L;
    private static final int NEIGHBOURS_MAX = 8;

    private final TestPool pool = new TestPool();
    private final Random random = new Random(Seeds.next("NeighbourCachePropertyTest"));
    private final Ipv4Configuration configuration =
            new Ipv4Configuration(
                    List.of(Ipv4Subnet.parse("10.0.0.1", "255.255.255.0")),
                    ip("10.0.0.2"),
                    1500,
                    OWN_MAC);
    private final NeighbourCache cache =
            new NeighbourCache(configuration, NEIGHBOURS_MAX, 8 * 512, random.nextLong());
    private long now;
    private long framesGiven;
    private long framesBack;

    /** Every Ethernet address that an address has claimed to us or answered with. */
    private final Map<Integer, Set<Long>> claims = new HashMap<>();

    private final Map<Integer, Long> lastBroadcast = new HashMap<>();

    private final ArpSink sink =
            new ArpSink() {
                @Override
                public void request(int senderIp, int targetIp, long destination) {
                    assertThat(senderIp).isEqualTo(ip("10.0.0.1"));
                    if (senderIp != targetIp) {
                        assertThat(configuration.isNeighbour(targetIp)).isTrue();
                    }
                    assertThat(destination).isNotEqualTo(OWN_MAC).isPositive();
                }

                @Override
                public void reply(int senderIp, int targetIp, long targetMac) {
                    assertThat(configuration.isOwn(senderIp)).isTrue();
                    assertThat(MacAddress.isGroup(targetMac)).isFalse();
                }

                @Override
                public void resolved(Buffer frame, long mac) {
                    framesBack++;
                    frame.close();
                }

                @Override
                public void unreachable(int address, Buffer frame) {
                    framesBack++;
                    frame.close();
                }

                @Override
                public void conflict(int address, long mac) {
                    long last = lastBroadcast.getOrDefault(address, -10 * SECOND);
                    assertThat(now - last).isGreaterThanOrEqualTo(10 * SECOND);
                    lastBroadcast.put(address, now);
                }
            };

    @Test
    void neverForgetsAFrameNorBelievesWhatNobodyToldIt() {
        for (int i = 0; i < 200_000; i++) {
            switch (random.nextInt(5)) {
                case 0 -> resolve();
                case 1 -> lookUp();
                case 2 -> arp();
                case 3 -> now += random.nextLong(SECOND / 4);
                default -> cache.onDeadline(now, sink);
            }
            assertThat(cache.size()).isLessThanOrEqualTo(NEIGHBOURS_MAX);
            assertThat(cache.pendingBytes())
                    .isLessThanOrEqualTo(8 * 512)
                    .isEqualTo(pool.liveBytes());
        }
        assertEverythingEnds();
    }

    private void resolve() {
        framesGiven++;
        cache.resolve(now, address(), pool.numbered(1), sink);
    }

    private void lookUp() {
        int address = address();
        long mac = cache.lookup(now, address);
        if (mac != NeighbourCache.UNKNOWN) {
            assertThat(claims.getOrDefault(address, Set.of())).contains(mac);
        }
    }

    private void arp() {
        MemorySegment packet = MemorySegment.ofArray(new byte[ArpPacket.BYTES]);
        ArpPacket.begin(
                packet, 0, random.nextInt(8) == 0 ? random.nextInt() : 1 + random.nextInt(2));
        int sender = address();
        long mac = random.nextInt(10) == 0 ? random.nextLong() >>> 16 : 10 + random.nextInt(4);
        int target = random.nextBoolean() ? ip("10.0.0.1") : address();
        ArpPacket.sender(packet, 0, mac, sender);
        ArpPacket.target(packet, 0, OWN_MAC, target);
        if (configuration.isOwn(target)) {
            claims.computeIfAbsent(sender, none -> new HashSet<>()).add(mac);
        }
        int length = random.nextInt(20) == 0 ? random.nextInt(28) : ArpPacket.BYTES;
        if (random.nextInt(4) == 0) {
            cache.onForwardedArp(now, packet, 0, length, sink);
        } else {
            cache.onArp(now, packet, 0, length, sink);
        }
    }

    /** Of few neighbours, us, and some that are none. */
    private int address() {
        return random.nextInt(20) == 0 ? random.nextInt() : ip("10.0.0.0") + random.nextInt(20);
    }

    private void assertEverythingEnds() {
        int steps = 0;
        while (cache.deadline() != NeighbourCache.NO_DEADLINE) {
            now = Math.max(now, cache.deadline());
            cache.onDeadline(now, sink);
            assertThat(steps++).isLessThan(1_000);
        }
        assertThat(cache.size()).isZero();
        assertThat(framesGiven).isEqualTo(framesBack + cache.framesDropped());
        pool.assertNoneLeaked();
    }
}
