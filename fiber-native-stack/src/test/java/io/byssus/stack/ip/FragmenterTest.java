package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.Defect;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FragmenterTest {
    private static final int UDP = Ipv4Header.PROTOCOL_UDP;
    private static final int ROOM = 1 << 18;

    private final TestPool pool = new TestPool();

    @AfterEach
    void nothingLeaks() {
        pool.assertNoneLeaked();
    }

    /** The packet and all its fragments are in one array, so that they have one address space. */
    private static final class Sink implements FragmentSink {
        private final byte[] bytes = new byte[ROOM];
        private final List<byte[]> fragments = new ArrayList<>();
        private final int most;
        private long at = 70_000;

        Sink(int most) {
            this.most = most;
        }

        @Override
        public long begin(int length) {
            return fragments.size() == most ? NO_ROOM : at;
        }

        @Override
        public void end(long address, int length) {
            assertThat(address).isEqualTo(at);
            fragments.add(Arrays.copyOfRange(bytes, (int) at, (int) at + length));
            at += length;
        }

        int fragment(byte[] packet, int mtu) {
            System.arraycopy(packet, 0, bytes, 0, packet.length);
            return Fragmenter.fragment(MemorySegment.ofArray(bytes), 0, mtu, this);
        }
    }

    private static byte[] packet(byte[] options, int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) ((i * 7) >>> 2);
        }
        return Packets.packet("10.0.0.1", "10.0.0.2", UDP, options, payload);
    }

    private static String shape(byte[] fragment) {
        MemorySegment segment = MemorySegment.ofArray(fragment);
        assertThat(Ipv4Header.check(segment, 0, fragment.length)).isEqualTo(Defect.NONE);
        assertThat(Ipv4Header.totalLength(segment, 0)).isEqualTo(fragment.length);
        return Ipv4Header.headerLength(segment, 0)
                + " "
                + Ipv4Header.fragmentOffset(segment, 0)
                + "+"
                + (fragment.length - Ipv4Header.headerLength(segment, 0))
                + (Ipv4Header.moreFragments(segment, 0) ? " more" : "");
    }

    @Test
    void cutsAtMultiplesOfEight() {
        Sink sink = new Sink(10);
        assertThat(sink.fragment(packet(hex(""), 2_000), 1_006)).isEqualTo(3);
        assertThat(sink.fragments)
                .extracting(FragmenterTest::shape)
                .containsExactly("20 0+984 more", "20 984+984 more", "20 1968+32");
    }

    @Test
    void aPacketThatFitsIsOneFragment() {
        Sink sink = new Sink(10);
        assertThat(sink.fragment(packet(hex(""), 1_480), 1_500)).isEqualTo(1);
        assertThat(sink.fragments.getFirst()).isEqualTo(packet(hex(""), 1_480));
    }

    @Test
    void oneThatMustNotBeFragmentedIsNot() {
        byte[] packet = packet(hex(""), 2_000);
        Ipv4Header.setDontFragment(MemorySegment.ofArray(packet), 0);
        assertThat(new Sink(10).fragment(packet, 1_500)).isZero();
    }

    @Test
    void stopsWhereThereIsNoRoom() {
        assertThat(new Sink(1).fragment(packet(hex(""), 3_000), 1_500)).isEqualTo(1);
        assertThat(new Sink(0).fragment(packet(hex(""), 3_000), 1_500)).isZero();
    }

    @Test
    void aFragmentMayBeCutAgain() {
        byte[] middle = Packets.fragment(packet(hex(""), 200), 9, 800, Ipv4Header.Part.NOT_LAST);
        Sink sink = new Sink(10);
        sink.fragment(middle, 148);
        assertThat(sink.fragments)
                .extracting(FragmenterTest::shape)
                .containsExactly("20 800+128 more", "20 928+72 more");
    }

    @Test
    void onlyOptionsThatAreMarkedSoGoIntoEveryFragment() {
        // No operation; record route, not copied; router alert, copied; end.
        byte[] options = hex("01 07 07 04 00000000 94 04 0000");
        Sink sink = new Sink(10);
        sink.fragment(packet(options, 200), 148);
        assertThat(sink.fragments)
                .extracting(FragmenterTest::shape)
                .containsExactly("32 0+112 more", "24 112+88");
        assertThat(Arrays.copyOfRange(sink.fragments.get(1), 20, 24)).isEqualTo(hex("94040000"));
    }

    @Test
    void whatIsCutIsPutTogetherAgain() {
        Random random = new Random(Seeds.next("FragmenterTest"));
        Reassembler reassembler = new Reassembler(pool.pool(), 8, 1 << 22, 1);
        for (int i = 0; i < 500; i++) {
            int mtu = 576 + random.nextInt(9_000);
            int length = 1 + random.nextInt(30_000);
            byte[] packet =
                    Packets.packet("10.0.0.1", "10.0.0.2", UDP, hex("94040000"), new byte[length]);
            random.nextBytes(packet);
            byte[] header = packet(hex("94040000"), length);
            System.arraycopy(header, 0, packet, 0, 24);
            Sink sink = new Sink(1_000);
            int count = sink.fragment(packet, mtu);
            Buffer whole = null;
            for (byte[] fragment : sink.fragments) {
                assertThat(fragment.length).isLessThanOrEqualTo(mtu);
                assertThat(whole).isNull();
                whole = count == 1 ? pool.of(fragment) : reassembler.add(0, pool.of(fragment));
            }
            assertThat(whole.toByteArray()).isEqualTo(packet);
            whole.close();
        }
        assertThat(reassembler.size()).isZero();
    }

    @Test
    void survivesOptionsThatCannotBe() {
        Random random = new Random(Seeds.next("FragmenterTest.options"));
        for (int i = 0; i < 10_000; i++) {
            byte[] options = new byte[4 * (1 + random.nextInt(10))];
            random.nextBytes(options);
            Sink sink = new Sink(100);
            sink.fragment(packet(options, 200), 68 + random.nextInt(100));
            assertThat(sink.fragments).extracting(FragmenterTest::shape).isNotEmpty();
        }
    }
}
