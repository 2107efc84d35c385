package io.byssus.stack.ip;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.runtime.memory.Buffer;
import io.byssus.stack.wire.Ipv4Header;
import io.byssus.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A reassembler against byte arrays, and under fragments that make no sense. */
class ReassemblerPropertyTest {
    private static final int UDP = Ipv4Header.PROTOCOL_UDP;

    private final TestPool pool = new TestPool();
    private final Random random = new Random(Seeds.next("ReassemblerPropertyTest"));

    @Test
    void whatWasCutIsWholeAgainInAnyOrderAndWithDuplicates() {
        Reassembler reassembler = new Reassembler(pool.pool(), 64, 1 << 22, random.nextLong());
        for (int round = 0; round < 300; round++) {
            int datagrams = 1 + random.nextInt(4);
            byte[][] payloads = new byte[datagrams][];
            List<byte[]> fragments = new ArrayList<>();
            for (int id = 0; id < datagrams; id++) {
                payloads[id] = new byte[2 + random.nextInt(4_000)];
                random.nextBytes(payloads[id]);
                fragments.addAll(cut(payloads[id], id));
            }
            List<byte[]> sent = new ArrayList<>(fragments);
            for (int i = random.nextInt(5); i > 0; i--) {
                sent.add(fragments.get(random.nextInt(fragments.size())));
            }
            Collections.shuffle(sent, random);
            BitSet whole = new BitSet();
            for (byte[] fragment : sent) {
                Buffer datagram = reassembler.add(0, pool.of(fragment));
                if (datagram != null) {
                    int id = datagram.get(5);
                    byte[] bytes = datagram.toByteArray();
                    assertThat(Arrays.copyOfRange(bytes, 20, bytes.length)).isEqualTo(payloads[id]);
                    whole.set(id);
                    datagram.close();
                }
            }
            assertThat(whole.cardinality()).isEqualTo(datagrams);
            reassembler.close(); // late duplicates
        }
        pool.assertNoneLeaked();
    }

    private List<byte[]> cut(byte[] payload, int id) {
        List<byte[]> fragments = new ArrayList<>();
        int from = 0;
        while (from < payload.length) {
            int to = from + 8 * (9 + random.nextInt(60));
            to = to >= payload.length ? payload.length : to;
            fragments.add(
                    Packets.fragment(
                            Packets.packet(
                                    "10.0.0.2",
                                    "10.0.0.1",
                                    UDP,
                                    Arrays.copyOfRange(payload, from, to)),
                            id,
                            from,
                            to == payload.length
                                    ? Ipv4Header.Part.LAST
                                    : Ipv4Header.Part.NOT_LAST));
            from = to;
        }
        return fragments;
    }

    @Test
    void anyFragmentsGiveWhatTheModelGives() {
        Reassembler reassembler = new Reassembler(pool.pool(), 64, 1 << 22, random.nextLong());
        int wholes = 0;
        for (int round = 0; round < 20_000; round++) {
            DatagramModel model = new DatagramModel();
            for (int i = 0; i < 8; i++) {
                int from = 8 * random.nextInt(4);
                boolean last = random.nextInt(3) == 0;
                byte[] payload =
                        new byte[last ? 1 + random.nextInt(12) : 8 * (1 + random.nextInt(2))];
                Arrays.fill(payload, (byte) (random.nextInt(50) == 0 ? 1 : 0));
                byte[] packet =
                        Packets.fragment(
                                Packets.packet("10.0.0.2", "10.0.0.1", UDP, payload),
                                round & 0xffff,
                                from,
                                last ? Ipv4Header.Part.LAST : Ipv4Header.Part.NOT_LAST);
                if (!last || from > 0) {
                    boolean expected = model.add(from, payload, last, packet);
                    Buffer whole = reassembler.add(0, pool.of(packet));
                    assertThat(whole != null).as("round %d", round).isEqualTo(expected);
                    if (whole != null) {
                        byte[] bytes = whole.toByteArray();
                        assertThat(Arrays.copyOfRange(bytes, 20, bytes.length))
                                .isEqualTo(model.whole());
                        whole.close();
                        wholes++;
                        model = new DatagramModel();
                    }
                }
            }
            reassembler.close();
        }
        assertThat(wholes).isPositive();
        pool.assertNoneLeaked();
    }

    @Test
    void staysWithinItsBoundsWhateverComes() {
        long bytesMax = 64 * 512;
        Reassembler reassembler = new Reassembler(pool.pool(), 16, bytesMax, random.nextLong());
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] packet =
                    Packets.packet(
                            "10.0.0." + random.nextInt(6),
                            "10.0.0.1",
                            UDP,
                            new byte[random.nextInt(4) * 8 + random.nextInt(8) / 7]);
            Buffer whole =
                    reassembler.add(
                            now,
                            pool.of(
                                    Packets.fragment(
                                            packet,
                                            random.nextInt(20),
                                            8
                                                    * (random.nextInt(10) == 0
                                                            ? random.nextInt(8192)
                                                            : random.nextInt(6)),
                                            random.nextInt(4) == 0
                                                    ? Ipv4Header.Part.LAST
                                                    : Ipv4Header.Part.NOT_LAST)));
            if (whole != null) {
                whole.close();
            }
            now += random.nextLong(Reassembler.TIMEOUT_NANOS / 20);
            if (random.nextInt(5) == 0) {
                reassembler.onDeadline(now, Buffer::close);
                assertThat(reassembler.deadline()).isGreaterThan(now);
            }
            assertThat(reassembler.bytes())
                    .isLessThanOrEqualTo(bytesMax)
                    .isEqualTo(pool.liveBytes());
            assertThat(reassembler.size()).isLessThanOrEqualTo(16);
        }
        reassembler.close();
        pool.assertNoneLeaked();
    }
}
