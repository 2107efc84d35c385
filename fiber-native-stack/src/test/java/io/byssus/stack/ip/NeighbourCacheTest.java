package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.wire.ArpPacket;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NeighbourCacheTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long OWN_MAC = 0x02_00_00_00_00_01L;
    private static final long A = 0x0aL;
    private static final long B = 0x0bL;
    private static final String OWN = "10.0.0.1";
    private static final String PEER = "10.0.0.2";
    private static final String GATEWAY = "10.0.0.254";

    private final TestPool pool = new TestPool();
    private final RecordingArpSink sink = new RecordingArpSink();
    private final Ipv4Configuration configuration =
            new Ipv4Configuration(
                    List.of(
                            Ipv4Subnet.parse(OWN, "255.255.255.0"),
                            Ipv4Subnet.parse("10.9.0.1", "255.255.0.0")),
                    ip(GATEWAY),
                    1500,
                    OWN_MAC);
    private NeighbourCache cache = new NeighbourCache(configuration, 4, 1 << 16, 42);
    private long now;

    @AfterEach
    void nothingLeaks() {
        cache.close();
        pool.assertNoneLeaked();
    }

    private void send(String address, int number) {
        cache.resolve(now, ip(address), pool.numbered(number), sink);
    }

    private void receive(int operation, String senderIp, long senderMac, String targetIp) {
        MemorySegment packet = MemorySegment.ofArray(new byte[ArpPacket.BYTES]);
        ArpPacket.begin(packet, 0, operation);
        ArpPacket.sender(packet, 0, senderMac, ip(senderIp));
        ArpPacket.target(packet, 0, OWN_MAC, ip(targetIp));
        cache.onArp(now, packet, 0, ArpPacket.BYTES, sink);
    }

    private void answer(String senderIp, long senderMac) {
        receive(ArpPacket.REPLY, senderIp, senderMac, OWN);
    }

    private long lookup(String address) {
        return cache.lookup(now, ip(address));
    }

    private void passTo(long time) {
        while (cache.deadline() <= time) {
            assertThat(cache.deadline()).isGreaterThanOrEqualTo(now);
            now = cache.deadline();
            cache.onDeadline(now, sink);
        }
        now = time;
    }

    private void passSeconds(long seconds) {
        passTo(now + seconds * SECOND);
    }

    private void know(String address, long mac) {
        send(address, 100);
        answer(address, mac);
        sink.take();
        assertThat(cache.state(ip(address))).isEqualTo(NeighbourState.REACHABLE);
    }

    private void confirmWithoutUse(String address, long mac) {
        receive(ArpPacket.REQUEST, address, mac, OWN);
        sink.take();
    }

    @Test
    void asksAndSendsWhatWaitedWhenTheAnswerComes() {
        assertThat(lookup(PEER)).isEqualTo(NeighbourCache.UNKNOWN);
        send(PEER, 1);
        send(PEER, 2);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2? says 10.0.0.1");
        answer(PEER, A);
        assertThat(sink.take()).containsExactly("frame 1 to a", "frame 2 to a");
        assertThat(lookup(PEER)).isEqualTo(A);
        send(PEER, 3);
        assertThat(sink.take()).containsExactly("frame 3 to a");
        assertThat(cache.pendingBytes()).isZero();
    }

    @Test
    void asksWithTheAddressOfTheSameNetwork() {
        send("10.9.3.4", 1);
        assertThat(sink.take()).containsExactly("who has 10.9.3.4? says 10.9.0.1");
    }

    @Test
    void asksThreeTimesASecondApartAndThenGivesTheFramesBack() {
        send(PEER, 1);
        send(PEER, 2);
        sink.take();
        passSeconds(1);
        passSeconds(1);
        assertThat(sink.take())
                .containsExactly(
                        "who has 10.0.0.2? says 10.0.0.1", "who has 10.0.0.2? says 10.0.0.1");
        passSeconds(1);
        assertThat(sink.take())
                .containsExactly("frame 1 not to 10.0.0.2", "frame 2 not to 10.0.0.2");
        assertThat(cache.counters().count(ArpEvent.FAILED)).isEqualTo(1);
        assertThat(cache.counters().count(ArpEvent.FRAMES_UNREACHABLE)).isEqualTo(2);
    }

    @Test
    void oneThatDidNotAnswerIsLeftAloneForAWhile() {
        send(PEER, 1);
        passSeconds(3);
        sink.take();
        send(PEER, 2);
        assertThat(sink.take()).containsExactly("frame 2 not to 10.0.0.2");
        passSeconds(3);
        send(PEER, 3);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2? says 10.0.0.1");
    }

    @Test
    void aLateAnswerCountsAfterAll() {
        send(PEER, 1);
        passSeconds(3);
        sink.take();
        answer(PEER, A);
        assertThat(lookup(PEER)).isEqualTo(A);
    }

    @Test
    void whatIsNoNeighbourIsUnreachable() {
        send("8.8.8.8", 1);
        send("10.0.0.255", 2);
        send(OWN, 3);
        assertThat(sink.take())
                .containsExactly(
                        "frame 1 not to 8.8.8.8",
                        "frame 2 not to 10.0.0.255",
                        "frame 3 not to 10.0.0.1");
    }

    @Test
    void keepsTheNewestFrames() {
        for (int number = 1; number <= 6; number++) {
            send(PEER, number);
        }
        sink.take();
        answer(PEER, A);
        assertThat(sink.take())
                .containsExactly("frame 3 to a", "frame 4 to a", "frame 5 to a", "frame 6 to a");
        assertThat(cache.framesDropped()).isEqualTo(2);
    }

    @Test
    void oneInUseIsProbedBeforeItExpiresAndKeepsItsAddressMeanwhile() {
        know(PEER, A);
        passSeconds(59);
        assertThat(lookup(PEER)).isEqualTo(A);
        passSeconds(1);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2 at a? says 10.0.0.1");
        assertThat(lookup(PEER)).isEqualTo(A);
        answer(PEER, A);
        assertThat(cache.state(ip(PEER))).isEqualTo(NeighbourState.REACHABLE);
        passSeconds(59);
        assertThat(sink.take()).isEmpty();
    }

    @Test
    void oneThatDoesNotAnswerItsProbesIsAskedForAmongAll() {
        know(PEER, A);
        lookup(PEER);
        passSeconds(61);
        assertThat(sink.take())
                .containsExactly(
                        "who has 10.0.0.2 at a? says 10.0.0.1",
                        "who has 10.0.0.2 at a? says 10.0.0.1");
        passSeconds(1);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2? says 10.0.0.1");
        assertThat(lookup(PEER)).isEqualTo(NeighbourCache.UNKNOWN);
        answer(PEER, B);
        assertThat(lookup(PEER)).isEqualTo(B);
    }

    @Test
    void oneNotInUseIsNotAskedAndForgottenInTheEnd() {
        know(PEER, A);
        confirmWithoutUse(PEER, A);
        passSeconds(60);
        assertThat(sink.take()).isEmpty();
        assertThat(cache.state(ip(PEER))).isEqualTo(NeighbourState.STALE);
        passSeconds(600);
        assertThat(sink.take()).isEmpty();
        assertThat(cache.size()).isZero();
        assertThat(cache.deadline()).isEqualTo(NeighbourCache.NO_DEADLINE);
    }

    @Test
    void aStaleOneIsProbedWhenItIsUsedAgain() {
        know(PEER, A);
        confirmWithoutUse(PEER, A);
        passSeconds(100);
        assertThat(sink.take()).isEmpty();
        assertThat(lookup(PEER)).isEqualTo(A);
        assertThat(cache.deadline()).isEqualTo(now);
        passTo(now);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2 at a? says 10.0.0.1");
    }

    @Test
    void answersThoseWhoAskForUs() {
        receive(ArpPacket.REQUEST, PEER, A, OWN);
        receive(ArpPacket.REQUEST, "10.9.0.7", B, "10.9.0.1");
        assertThat(sink.take())
                .containsExactly(
                        "10.0.0.1 is here, 10.0.0.2 at a", "10.9.0.1 is here, 10.9.0.7 at b");
        receive(ArpPacket.REQUEST, PEER, A, "10.0.0.77");
        assertThat(sink.take()).isEmpty();
    }

    @Test
    void answersOneWhoProbesWhetherOurAddressIsFreeAndLearnsNothingOfIt() {
        receive(ArpPacket.REQUEST, "0.0.0.0", A, OWN);
        assertThat(sink.take()).containsExactly("10.0.0.1 is here, 0.0.0.0 at a");
        assertThat(cache.size()).isZero();
    }

    @Test
    void learnsFromARequestToUsAndConfirmsItAtTheFirstUse() {
        receive(ArpPacket.REQUEST, PEER, A, OWN);
        sink.take();
        assertThat(lookup(PEER)).isEqualTo(A);
        passTo(now);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2 at a? says 10.0.0.1");
    }

    @Test
    void learnsNothingFromWhatItHasNotAskedFor() {
        answer(PEER, A);
        receive(ArpPacket.REQUEST, PEER, A, PEER);
        receive(ArpPacket.REPLY, PEER, A, PEER);
        receive(ArpPacket.REQUEST, PEER, A, "10.0.0.3");
        receive(ArpPacket.REQUEST, "11.0.0.1", A, OWN);
        assertThat(cache.size()).isZero();
        assertThat(cache.counters().count(ArpEvent.UNSOLICITED)).isEqualTo(4);
    }

    @Test
    void anAnswerThatNobodyAskedForDoesNotKeepANeighbourAlive() {
        know(PEER, A);
        passSeconds(59);
        answer(PEER, A);
        passSeconds(1);
        assertThat(cache.state(ip(PEER))).isEqualTo(NeighbourState.PROBE);
    }

    @Test
    void anAnswerToOthersDoesNotResolveOurQuestion() {
        send(PEER, 1);
        sink.take();
        receive(ArpPacket.REPLY, PEER, B, "10.0.0.3");
        receive(ArpPacket.REQUEST, PEER, B, PEER);
        assertThat(sink.take()).isEmpty();
        assertThat(lookup(PEER)).isEqualTo(NeighbourCache.UNKNOWN);
    }

    @Test
    void aForgedAddressIsNotBelievedWhileTheOldOneAnswers() {
        know(PEER, A);
        passSeconds(5);
        receive(ArpPacket.REPLY, PEER, B, PEER); // gratuitous
        assertThat(lookup(PEER)).isEqualTo(A);
        passTo(now);
        assertThat(sink.take()).containsExactly("who has 10.0.0.2 at a? says 10.0.0.1");
        answer(PEER, B);
        assertThat(lookup(PEER)).isEqualTo(A);
        answer(PEER, A);
        assertThat(lookup(PEER)).isEqualTo(A);
        assertThat(cache.state(ip(PEER))).isEqualTo(NeighbourState.REACHABLE);
        assertThat(cache.counters().count(ArpEvent.CONTRADICTIONS)).isEqualTo(2);
    }

    @Test
    void aNeighbourThatMovedIsFoundAgain() {
        know(PEER, A);
        passSeconds(5);
        receive(ArpPacket.REQUEST, PEER, B, PEER); // it announces itself, the old one is gone
        passSeconds(2);
        assertThat(sink.take()).last().isEqualTo("who has 10.0.0.2? says 10.0.0.1");
        answer(PEER, B);
        assertThat(lookup(PEER)).isEqualTo(B);
    }

    @Test
    void aFloodOfForgeriesLeadsToOneQuestionASecond() {
        know(PEER, A);
        for (int i = 0; i < 1_000; i++) {
            receive(ArpPacket.REPLY, PEER, B, OWN);
            answer(PEER, A);
            passTo(now + SECOND / 100);
        }
        assertThat(cache.counters().count(ArpEvent.REQUESTS_SENT)).isBetween(9L, 12L);
        assertThat(lookup(PEER)).isEqualTo(A);
    }

    @Test
    void packetsThatCannotBeAreCounted() {
        receive(3, PEER, A, OWN);
        receive(ArpPacket.REQUEST, PEER, 0, OWN);
        receive(ArpPacket.REQUEST, PEER, 0x0100_0000_0001L, OWN);
        receive(ArpPacket.REQUEST, OWN, OWN_MAC, OWN);
        cache.onArp(now, MemorySegment.ofArray(new byte[27]), 0, 27, sink);
        assertThat(sink.take()).isEmpty();
        assertThat(cache.counters()).hasToString("MALFORMED=2 BAD_SENDER=2 OWN_RETURNED=1");
    }

    @Test
    void defendsItsAddressAtMostEveryTenSeconds() {
        receive(ArpPacket.REPLY, OWN, B, OWN);
        assertThat(sink.take()).containsExactly("announce 10.0.0.1", "conflict 10.0.0.1 with b");
        passSeconds(9);
        receive(ArpPacket.REQUEST, OWN, B, PEER);
        assertThat(sink.take()).isEmpty();
        receive(ArpPacket.REQUEST, "10.9.0.1", B, PEER);
        assertThat(sink.take()).first().isEqualTo("announce 10.9.0.1");
        passSeconds(1);
        receive(ArpPacket.REQUEST, OWN, B, OWN);
        assertThat(sink.take()).hasSize(2);
        assertThat(cache.counters().count(ArpEvent.CONFLICTS)).isEqualTo(4);
        assertThat(cache.size()).isZero();
    }

    @Test
    void announcesEachAddressTwice() {
        cache.announce(now, sink);
        assertThat(sink.take()).containsExactly("announce 10.0.0.1", "announce 10.9.0.1");
        assertThat(cache.deadline()).isEqualTo(2 * SECOND);
        passSeconds(2);
        assertThat(sink.take()).hasSize(2);
        assertThat(cache.deadline()).isEqualTo(NeighbourCache.NO_DEADLINE);
    }

    @Test
    void aForwardedPacketTeachesButIsNotAnsweredAgain() {
        MemorySegment packet = MemorySegment.ofArray(new byte[ArpPacket.BYTES]);
        ArpPacket.begin(packet, 0, ArpPacket.REQUEST);
        ArpPacket.sender(packet, 0, A, ip(PEER));
        ArpPacket.target(packet, 0, 0, ip(OWN));
        cache.onForwardedArp(now, packet, 0, ArpPacket.BYTES, sink);
        ArpPacket.sender(packet, 0, A, ip(OWN));
        cache.onForwardedArp(now, packet, 0, ArpPacket.BYTES, sink);
        assertThat(sink.take()).isEmpty();
        assertThat(lookup(PEER)).isEqualTo(A);
    }

    @Test
    void theOldestThatIsNotInUseGivesWay() {
        for (int i = 2; i <= 5; i++) {
            know("10.0.0." + i, i);
        }
        lookup("10.0.0.2");
        // Sending the first frame is a use; take all of it back but that of number 2.
        passSeconds(60);
        for (int i = 2; i <= 5; i++) {
            answer("10.0.0." + i, i);
        }
        passSeconds(60);
        lookup("10.0.0.2");
        send("10.0.0.6", 1);
        assertThat(cache.state(ip("10.0.0.2"))).isNotNull();
        assertThat(cache.state(ip("10.0.0.3"))).isNull();
        assertThat(cache.size()).isEqualTo(4);
        assertThat(cache.counters().count(ArpEvent.EVICTED)).isEqualTo(1);
    }

    @Test
    void theGatewayNeverGivesWay() {
        know(GATEWAY, A);
        for (int i = 2; i <= 100; i++) {
            send("10.0.0." + i, i);
        }
        assertThat(lookup(GATEWAY)).isEqualTo(A);
        assertThat(cache.size()).isEqualTo(4);
        // The frames of those that gave way came back.
        assertThat(sink.take()).contains("frame 2 not to 10.0.0.2");
    }

    @Test
    void thoseWhoMerelyAskForUsDoNotDisplaceTheOnesInUse() {
        for (int i = 2; i <= 5; i++) {
            know("10.0.0." + i, i);
            lookup("10.0.0." + i);
        }
        for (int i = 10; i <= 200; i++) {
            receive(ArpPacket.REQUEST, "10.0.0." + i, i, OWN);
        }
        for (int i = 2; i <= 5; i++) {
            assertThat(lookup("10.0.0." + i)).isEqualTo(i);
        }
        assertThat(cache.counters().count(ArpEvent.NOT_LEARNT)).isEqualTo(191);
    }

    @Test
    void asksNoMoreThanFiftyTimesASecondButAlwaysForTheGateway() {
        cache.close();
        cache = new NeighbourCache(configuration, 1_000, 1 << 20, 42);
        for (int i = 1; i <= 400; i++) {
            send("10.9." + (1 + i / 200) + "." + (1 + i % 200), 1);
        }
        assertThat(sink.take()).hasSize(50);
        assertThat(cache.counters().count(ArpEvent.REQUESTS_DELAYED)).isEqualTo(350);
        send(GATEWAY, 1);
        assertThat(sink.take()).containsExactly("who has 10.0.0.254? says 10.0.0.1");
        long asked = cache.counters().count(ArpEvent.REQUESTS_SENT);
        passSeconds(10);
        assertThat(cache.counters().count(ArpEvent.REQUESTS_SENT) - asked)
                .isLessThanOrEqualTo(10 * 50 + 3);
        assertThat(cache.counters().count(ArpEvent.FAILED)).isEqualTo(401);
        assertThat(cache.pendingBytes()).isZero();
    }
}
